import type { BackendDemand } from "../translated-route.ts";
import { transportOf } from "./backend-kinds.ts";
import type { ServiceObject, ServicePort } from "./objects.ts";

/** The port of a Service that a route names. */
export function servicePort(
  { spec }: ServiceObject,
  demand: Pick<BackendDemand, "port" | "protocol">,
): ServicePort | undefined {
  const transport = transportOf(demand);
  return spec?.ports?.find(({ port, protocol }) => port === demand.port && protocol === transport);
}

/** Names of Kubernetes, and our own for Backends; others are those of IANA, of which one says something of use here. */
const PROTOCOLS: Readonly<Record<string, "http1" | "http2">> = {
  grpc: "http2",
  "kubernetes.io/h2c": "http2",
  "kubernetes.io/ws": "http1",
  "kubernetes.io/wss": "http1",
  "gateway.nuncio.dev/h2c": "http2",
  "gateway.nuncio.dev/ws": "http1",
  "gateway.nuncio.dev/wss": "http1",
};

/**
 * How HTTP is spoken at a port: as its `appProtocol` says, otherwise as the kind of route has it. Undefined: the route
 * cannot speak to it.
 */
export function httpProtocol(
  demand: Pick<BackendDemand, "protocol">,
  appProtocols: readonly string[],
): "http1" | "http2" | undefined {
  const isGrpc = demand.protocol === "grpc";
  const telling = appProtocols.filter((name) => name.includes("/") || name in PROTOCOLS);
  if (telling.length === 0) return isGrpc ? "http2" : "http1";
  const spoken = telling.map((name) => PROTOCOLS[name]);
  return spoken.find((protocol) => protocol === "http2" || (!isGrpc && protocol !== undefined));
}
