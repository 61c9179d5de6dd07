import { mergeImplemented, type ImplementedTable } from "@nuncio/api";
import type { Address as AddressMessage } from "@nuncio/api/types/envoy/config/core/v3/address_pb";
import type { Locality } from "@nuncio/api/types/envoy/config/core/v3/base_pb";
import type { Endpoint } from "@nuncio/api/types/envoy/config/endpoint/v3/endpoint_components_pb";
import type {
  ClusterHealthCheck,
  HealthCheckSpecifier,
} from "@nuncio/api/types/envoy/service/health/v3/hds_pb";
import type { CompileContext } from "../../config/context.ts";
import { compileDuration } from "../../config/durations.ts";
import type { Address } from "../../observe/stream-info.ts";
import { ipAddress, pipeAddress } from "../../transport/address.ts";
import { canonicalIp } from "../../upstream/compile/load-assignment.ts";
import { compileResource, type ResourceContext } from "../dynamic/resource-compiler.ts";
import { compileHealthCheck, implemented as healthChecks } from "../health-checking/compile.ts";
import type { CheckedHost, HealthCheckConfig } from "../health-checking/model.ts";

/** What a server wants to be checked. */
export interface Specifier {
  readonly intervalMs: number;
  readonly clusters: readonly CheckedCluster[];
}

export interface CheckedCluster {
  readonly name: string;
  readonly config: HealthCheckConfig;
  readonly localities: readonly CheckedLocality[];
}

export interface CheckedLocality {
  readonly locality: Locality | undefined;
  readonly endpoints: readonly CheckedEndpoint[];
}

export interface CheckedEndpoint extends CheckedHost {
  /** What the server calls it. */
  readonly told: AddressMessage;
}

const DEFAULT_INTERVAL_MS = 1000;
const SERVICE = "envoy.service.health.v3";

let table: ImplementedTable | undefined;

function implementedTable(): ImplementedTable {
  table ??= mergeImplemented([
    healthChecks,
    {
      [`${SERVICE}.HealthCheckSpecifier`]: "all",
      [`${SERVICE}.ClusterHealthCheck`]: ["cluster_name", "health_checks", "locality_endpoints"],
      [`${SERVICE}.LocalityEndpoints`]: "all",
      "envoy.config.core.v3.Locality": "all",
      "envoy.config.endpoint.v3.Endpoint": ["address", "hostname", "health_check_config"],
      "envoy.config.endpoint.v3.Endpoint.HealthCheckConfig": [
        "port_value",
        "hostname",
        "disable_active_health_check",
      ],
      "envoy.config.core.v3.Address": ["socket_address", "pipe"],
      "envoy.config.core.v3.Pipe": ["path"],
      "envoy.config.core.v3.SocketAddress": ["protocol", "address", "port_value"],
    },
  ]);
  return table;
}

/** Reads what a server said, serialized; the text of what is wrong with it, a line each, when something is. */
export function readSpecifier(
  value: Uint8Array,
  context: ResourceContext,
): Specifier | { readonly error: string } {
  const name = "HealthCheckSpecifier";
  const compiled = compileResource<HealthCheckSpecifier, Specifier>(
    { typeUrl: `type.googleapis.com/${SERVICE}.${name}`, name, value },
    { ...context, targets: [] },
    false,
    compile,
    implementedTable(),
  );
  return "error" in compiled ? compiled : compiled.plain;
}

function compile(message: HealthCheckSpecifier, ctx: CompileContext): Specifier {
  return {
    intervalMs: compileDuration(message, "interval", message.interval, DEFAULT_INTERVAL_MS, ctx),
    clusters: message.clusterHealthChecks.flatMap((cluster) => compileCluster(cluster, ctx)),
  };
}

function compileCluster(message: ClusterHealthCheck, ctx: CompileContext): CheckedCluster[] {
  const [check, ...others] = message.healthChecks;
  if (check === undefined || others.length > 0) {
    const text = `expected one health check, got ${message.healthChecks.length}`;
    ctx.problems.error(message, "health_checks", text);
    return [];
  }
  const config = compileHealthCheck(check, ctx);
  if (config === null) return [];
  const { clusterName: name } = message;
  const host = config.check.kind === "http" ? config.check.host : "";
  const localities = message.localityEndpoints.map(({ locality, endpoints }) => ({
    locality,
    endpoints: endpoints.flatMap((endpoint) => compileEndpoint(endpoint, host || name, ctx)),
  }));
  return [{ name, config, localities }];
}

/** One that is not to be checked is not reported either. */
function compileEndpoint(
  endpoint: Endpoint,
  hostname: string,
  ctx: CompileContext,
): CheckedEndpoint[] {
  const { healthCheckConfig: own, address: told } = endpoint;
  if (own?.disableActiveHealthCheck === true) return [];
  const address = told === undefined ? null : compileAddress(told, own?.portValue ?? 0);
  if (address === null || told === undefined) {
    ctx.problems.error(endpoint, "address", "expected an IP address with a port, or a pipe");
    return [];
  }
  return [{ address, told, hostname: own?.hostname || hostname }];
}

/** @param otherPort instead of the address's own; 0: that one */
function compileAddress({ address }: AddressMessage, otherPort: number): Address | null {
  if (address.case === "pipe") return pipeAddress(address.value.path);
  if (address.case !== "socketAddress") return null;
  const ip = canonicalIp(address.value.address);
  const { portSpecifier: port } = address.value;
  if (ip === null || port.case !== "portValue") return null;
  return ipAddress(ip, otherPort || port.value);
}
