import { isIP, SocketAddress as NodeSocketAddress } from "node:net";
import type {
  Address as AddressMessage,
  SocketAddress,
} from "@nuncio/api/types/envoy/config/core/v3/address_pb";
import type { Metadata as MetadataMessage } from "@nuncio/api/types/envoy/config/core/v3/base_pb";
import type {
  Endpoint,
  LbEndpoint,
  LocalityLbEndpoints,
} from "@nuncio/api/types/envoy/config/endpoint/v3/endpoint_components_pb";
import type {
  ClusterLoadAssignment,
  ClusterLoadAssignment_Policy,
} from "@nuncio/api/types/envoy/config/endpoint/v3/endpoint_pb";
import type { CompileContext } from "../../config/context.ts";
import { compileDuration } from "../../config/durations.ts";
import type { Metadata } from "../../observe/stream-info.ts";
import { ipAddress, pipeAddress } from "../../transport/address.ts";
import type { EndpointConfig, LoadAssignment, LocalityEndpoints } from "../definition.ts";
import type { DiscoveryType } from "../model.ts";
import { flagsOfStatus } from "../shared/health-status.ts";
import { compileLeds } from "./leds.ts";

/** The endpoints of a cluster. Those of STATIC and EDS must be addresses, the others sockets with a name. */
export function compileLoadAssignment(
  message: ClusterLoadAssignment | undefined,
  type: DiscoveryType,
  ctx: CompileContext,
): LoadAssignment {
  const localities = (message?.endpoints ?? []).map((locality) =>
    compileLocality(locality, type, ctx),
  );
  return {
    overprovisioningFactor: message?.policy?.overprovisioningFactor ?? 140,
    weightedPriorityHealth: message?.policy?.weightedPriorityHealth ?? false,
    dropOverloadRatio: compileDropOverloadRatio(message?.policy, ctx),
    ...dropCategory(message?.policy),
    staleAfterMs: compileStaleAfter(message?.policy, ctx),
    localities,
  };
}

function compileStaleAfter(
  policy: ClusterLoadAssignment_Policy | undefined,
  ctx: CompileContext,
): number {
  if (policy === undefined) return 0;
  return compileDuration(policy, "endpoint_stale_after", policy.endpointStaleAfter, 0, ctx);
}

function dropCategory(
  policy: ClusterLoadAssignment_Policy | undefined,
): Pick<LoadAssignment, "dropCategory"> {
  const [drop] = policy?.dropOverloads ?? [];
  return drop === undefined ? {} : { dropCategory: drop.category };
}

/** The share of requests to drop, 0 to 1. Envoy takes one category at most. */
function compileDropOverloadRatio(
  policy: ClusterLoadAssignment_Policy | undefined,
  ctx: CompileContext,
): number {
  const drops = policy?.dropOverloads ?? [];
  if (policy === undefined || drops.length === 0) return 0;
  if (drops.length > 1) {
    ctx.problems.error(
      policy,
      "drop_overloads",
      `expected one category at most, got ${drops.length}`,
    );
  }
  const percentage = drops[0]!.dropPercentage;
  if (percentage === undefined) return 0;
  const denominator = [100, 10_000, 1_000_000][percentage.denominator as number] ?? 100;
  const ratio = percentage.numerator / denominator;
  if (ratio <= 1) return Math.min(ratio, dropOverloadLimit(policy, ctx));
  const text = `drop ratio ${ratio} (numerator ${percentage.numerator}, denominator ${denominator})`;
  ctx.problems.error(drops[0]!, "drop_percentage", `${text}: the valid range is 0 to 1`);
  return 1;
}

/** The most that may be dropped, 0 to 1: the runtime's, when the endpoints come. */
function dropOverloadLimit(policy: ClusterLoadAssignment_Policy, ctx: CompileContext): number {
  const percent = ctx.runtime.integer(DROP_OVERLOAD_LIMIT, 100);
  if (percent <= 100) return percent / 100;
  const text = `${DROP_OVERLOAD_LIMIT} runtime key config ${percent} is invalid. The valid range is 0~100`;
  ctx.problems.error(policy, "drop_overloads", text);
  return 1;
}

const DROP_OVERLOAD_LIMIT = "load_balancing_policy.drop_overload_limit";

/** `filter_metadata` as plain JSON; null when there is none. */
export function compileMetadata(message: MetadataMessage | undefined): Metadata | null {
  if (message === undefined || Object.keys(message.filterMetadata).length === 0) return null;
  return message.filterMetadata;
}

function compileLocality(
  message: LocalityLbEndpoints,
  type: DiscoveryType,
  ctx: CompileContext,
): LocalityEndpoints {
  const { region = "", zone = "", subZone = "" } = message.locality ?? {};
  const endpoints: EndpointConfig[] = [];
  for (const endpoint of message.lbEndpoints) {
    const compiled = compileEndpoint(endpoint, type, ctx);
    if (compiled !== null) endpoints.push(compiled);
  }
  const leds = compileLeds(message, type, ctx);
  return {
    ...(leds !== null && { leds }),
    locality: { region, zone, subZone },
    weight: message.locality === undefined ? 0 : (message.loadBalancingWeight ?? 0),
    priority: message.priority,
    endpoints,
  };
}

/** One endpoint; null with the problems that say why not. */
export function compileEndpoint(
  message: LbEndpoint,
  type: DiscoveryType,
  ctx: CompileContext,
): EndpointConfig | null {
  const endpoint =
    message.hostIdentifier.case === "endpoint" ? message.hostIdentifier.value : undefined;
  if (endpoint?.address === undefined) {
    ctx.problems.error(endpoint ?? message, undefined, "address must be set");
    return null;
  }
  const target = compileTarget(endpoint, endpoint.address, type, ctx);
  if (target === null) return null;
  return {
    target,
    hostname: endpoint.hostname,
    weight: message.loadBalancingWeight ?? 1,
    healthFlags: flagsOfStatus(message.healthStatus),
    metadata: compileMetadata(message.metadata),
  };
}

function compileTarget(
  endpoint: Endpoint,
  message: AddressMessage,
  type: DiscoveryType,
  ctx: CompileContext,
): EndpointConfig["target"] | null {
  const { address } = message;
  switch (address.case) {
    case "socketAddress":
      if (address.value.networkNamespaceFilepath !== "") {
        ctx.problems.error(
          address.value,
          "network_namespace_filepath",
          "not implemented yet for upstream hosts: network_namespace_filepath",
        );
      }
      return takesAddresses(type)
        ? compileStaticSocket(address.value, ctx)
        : compileNamedSocket(address.value, type, ctx);
    case "pipe":
      if (takesAddresses(type)) return { address: pipeAddress(address.value.path) };
      ctx.problems.error(
        message,
        "pipe",
        `expected a socket_address in a ${type} cluster, got a pipe`,
      );
      return null;
    case "envoyInternalAddress":
      ctx.problems.error(
        message,
        "envoy_internal_address",
        "not implemented yet: envoy_internal_address",
      );
      return null;
    case undefined:
      ctx.problems.error(endpoint, "address", "address must be set");
      return null;
  }
}

function takesAddresses(type: DiscoveryType): boolean {
  return type === "STATIC" || type === "EDS";
}

const NOT_STATIC =
  "Consider setting resolver_name or setting cluster type to 'STRICT_DNS' or 'LOGICAL_DNS'";

function compileStaticSocket(
  message: SocketAddress,
  ctx: CompileContext,
): EndpointConfig["target"] | null {
  const ip = canonicalIp(message.address);
  if (ip === null) {
    ctx.problems.error(
      message,
      "address",
      `malformed IP address: ${message.address}. ${NOT_STATIC}`,
    );
    return null;
  }
  if (message.resolverName !== "") {
    ctx.problems.error(
      message,
      "resolver_name",
      `unknown address resolver: ${message.resolverName}`,
    );
  }
  const port = compilePort(message, ctx);
  return port === null ? null : { address: ipAddress(ip, port) };
}

function compileNamedSocket(
  message: SocketAddress,
  type: DiscoveryType,
  ctx: CompileContext,
): EndpointConfig["target"] | null {
  if (message.resolverName !== "") {
    const text = `${type} clusters must NOT have a custom resolver name set, got ${message.resolverName}`;
    ctx.problems.error(message, "resolver_name", text);
  }
  const port = compilePort(message, ctx);
  return port === null ? null : { host: message.address, port };
}

function compilePort(message: SocketAddress, ctx: CompileContext): number | null {
  if (message.portSpecifier.case === "portValue") return message.portSpecifier.value;
  ctx.problems.error(
    message,
    "named_port",
    "expected a port_value: names of ports are not resolved",
  );
  return null;
}

/** The IP address in the form in which the system prints it; null when the text is none. */
export function canonicalIp(text: string): string | null {
  const family = isIP(text);
  if (family === 4) return text;
  return family === 6 ? new NodeSocketAddress({ address: text, family: "ipv6" }).address : null;
}
