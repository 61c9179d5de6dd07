import type { Message } from "@bufbuild/protobuf";
import { typeNameOfAny, unpack } from "@nuncio/api";
import type { TransportSocket } from "@nuncio/api/types/envoy/config/core/v3/base_pb";
import type {
  DownstreamTlsContext,
  UpstreamTlsContext,
} from "@nuncio/api/types/envoy/extensions/transport_sockets/tls/v3/tls_pb";
import type { CompileContext } from "../../../config/context.ts";
import type { DownstreamTlsConfig, UpstreamTlsConfig } from "../model.ts";

const DOWNSTREAM = "envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext";
const UPSTREAM = "envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext";
const RAW_BUFFER = "envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer";

/** The transport socket of a filter chain; null is the plain socket. `statPrefix` is the listener's. */
export function compileDownstreamTransportSocket(
  socket: TransportSocket | undefined,
  statPrefix: string,
  ctx: CompileContext,
): DownstreamTlsConfig | null {
  const message = messageOf(socket, DOWNSTREAM, ctx) as DownstreamTlsContext | null;
  return message === null ? null : ctx.tls.downstream(message, statPrefix, ctx);
}

/** The transport socket of a cluster or of some of its hosts; null is the plain socket. */
export function compileUpstreamTransportSocket(
  socket: TransportSocket | undefined,
  statPrefix: string,
  ctx: CompileContext,
): UpstreamTlsConfig | null {
  const message = messageOf(socket, UPSTREAM, ctx) as UpstreamTlsContext | null;
  return message === null ? null : ctx.tls.upstream(message, statPrefix, ctx);
}

/** Null for the plain socket, and with a problem. */
function messageOf(
  socket: TransportSocket | undefined,
  expected: typeof DOWNSTREAM | typeof UPSTREAM,
  ctx: CompileContext,
): Message | null {
  if (socket === undefined) return null;
  const any = socket.configType.value;
  const type = any === undefined ? "" : typeNameOfAny(any);
  if (type === RAW_BUFFER) return null;
  if (type === expected) return unpack(any!) ?? null;
  const text = `Didn't find a registered implementation for '${socket.name}' with type URL: '${type}'`;
  ctx.problems.error(socket, any === undefined ? "name" : "typed_config", text);
  return null;
}
