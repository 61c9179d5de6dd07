import type {
  TcpProxy,
  TcpProxy_TunnelingConfig,
} from "@nuncio/api/types/envoy/extensions/filters/network/tcp_proxy/v3/tcp_proxy_pb";
import type { CompileContext } from "../../config/context.ts";
import { compileRequestId } from "../../http/connection-manager/request-id-config.ts";
import { compileHeaderValueOptions } from "../../http/header-mutations/compile.ts";
import { compileText, withExtensions } from "../../observe/format/compile.ts";
import { ROUTER_STATS } from "../../observe/stats/tables/router.ts";
import type { TunnelingConfig } from "./model.ts";

const REQUEST_ID_HEADER = "x-request-id";
const REQUEST_ID_KEY = "tunnel_request_id";

/** Null: each connection goes to a host as it is. */
export function compileTunneling(
  { statPrefix, tunnelingConfig: message }: TcpProxy,
  ctx: CompileContext,
): TunnelingConfig | null {
  if (message === undefined) return null;
  // Envoy has the stats of a router there, which stay 0.
  ctx.stats.scope(`tcp.${statPrefix}.tcpproxy_tunneling.`, ROUTER_STATS);
  if (message.postPath !== "" && !message.usePost) {
    const text = "Can't set a post path when POST method isn't used";
    ctx.problems.error(message, "post_path", text);
  }
  const commands = withExtensions(message.formatters, ctx);
  return {
    hostname: compileText(message.hostname, "-", commands, ctx, message, "hostname"),
    postPath: message.usePost ? message.postPath || "/" : "",
    headersToAdd: compileHeaderValueOptions(message.headersToAdd, [], ctx, message, ""),
    propagatesHeaders: message.propagateResponseHeaders,
    propagatesTrailers: message.propagateResponseTrailers,
    requestId: compileTunnelRequestId(message, ctx),
  };
}

function compileTunnelRequestId(
  message: TcpProxy_TunnelingConfig,
  ctx: CompileContext,
): TunnelingConfig["requestId"] {
  const { requestIdExtension: extension, requestIdHeader, requestIdMetadataKey } = message;
  if (extension?.typedConfig === undefined) return null;
  compileRequestId(extension, ctx);
  return {
    header: requestIdHeader.toLowerCase() || REQUEST_ID_HEADER,
    metadataKey: requestIdMetadataKey || REQUEST_ID_KEY,
  };
}
