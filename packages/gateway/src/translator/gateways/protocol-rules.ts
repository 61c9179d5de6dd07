import type { Listener } from "#gen/resources";
import type { RouteKindName } from "../../resources/kinds.ts";
import { invalid, type Objection } from "./objection.ts";

/** Kinds of routes by what a listener speaks. */
const KINDS: Readonly<Record<string, readonly RouteKindName[]>> = {
  HTTP: ["HTTPRoute", "GRPCRoute"],
  HTTPS: ["HTTPRoute", "GRPCRoute"],
  "TLS Passthrough": ["TLSRoute"],
  "TLS Terminate": ["TLSRoute", "TCPRoute"],
  TCP: ["TCPRoute"],
  UDP: ["UDPRoute"],
};
const PROTOCOLS = ["HTTP", "HTTPS", "TLS", "TCP", "UDP"];

/** How TLS of a listener is handled; undefined: it has none. */
export function tlsModeOf({ protocol, tls }: Listener): "Terminate" | "Passthrough" | undefined {
  if (protocol !== "HTTPS" && protocol !== "TLS") return undefined;
  return tls?.mode === "Passthrough" ? "Passthrough" : "Terminate";
}

/** Kinds of routes that fit the protocol; none for one that is not supported. */
export function kindsOfProtocol(spec: Listener): readonly RouteKindName[] {
  const { protocol } = spec;
  return KINDS[protocol === "TLS" ? `TLS ${tlsModeOf(spec)!}` : protocol] ?? [];
}

/** Whether the fields of a listener fit its protocol. */
export function protocolObjections(spec: Listener): Objection[] {
  const { protocol, tls, hostname } = spec;
  if (!PROTOCOLS.includes(protocol))
    return [
      {
        message: `protocol: expected one of ${PROTOCOLS.join(", ")}, got ${protocol}`,
        accepted: "UnsupportedProtocol",
        programmed: "Invalid",
      },
    ];
  const encrypted = protocol === "HTTPS" || protocol === "TLS";
  if (!encrypted && tls !== undefined)
    return [invalid(`tls: expected none, as protocol is ${protocol}`)];
  if ((protocol === "TCP" || protocol === "UDP") && (hostname ?? "") !== "")
    return [invalid(`hostname: expected none, as protocol is ${protocol}`)];
  return encrypted ? tlsObjections(spec) : [];
}

/** They would bound what the backend speaks with the client, and nobody here has a say in that. */
const OPTIONS_OF_PASSTHROUGH: Objection = {
  message: "tls.options: expected none, as tls.mode is Passthrough",
  accepted: "UnsupportedValue",
  programmed: "Invalid",
};

function tlsObjections({ protocol, tls }: Listener): Objection[] {
  if (tls === undefined) return [invalid(`tls: expected, as protocol is ${protocol}`)];
  const { mode, certificateRefs = [], options = {} } = tls;
  if (mode === "Passthrough") {
    if (protocol === "HTTPS")
      return [invalid(`tls.mode: expected Terminate, as protocol is HTTPS, got Passthrough`)];
    if (certificateRefs.length > 0)
      return [invalid(`tls.certificateRefs: expected none, as tls.mode is Passthrough`)];
    return Object.keys(options).length === 0 ? [] : [OPTIONS_OF_PASSTHROUGH];
  }
  return certificateRefs.length > 0
    ? []
    : [invalid(`tls.certificateRefs: expected at least one, as tls.mode is Terminate`)];
}
