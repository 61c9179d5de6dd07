import type { HttpConnectionManager } from "@nuncio/api/types/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb";
import type { CompileContext } from "../../../config/context.ts";
import type { ProxyStatusConfig } from "./model.ts";

/** Fields of `proxy_status_config`. */
export const implemented = {
  "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.ProxyStatusConfig":
    "all",
} as const;

/** `proxy_status_config` as plain data; null when there is none. */
export function compileProxyStatus(
  hcm: HttpConnectionManager,
  ctx: CompileContext,
): ProxyStatusConfig | null {
  const message = hcm.proxyStatusConfig;
  if (message === undefined) return null;
  const name = message.proxyName;
  return {
    name:
      name.case === "useNodeId"
        ? ctx.node.id
        : name.case === "literalProxyName"
          ? name.value
          : hcm.serverName || "envoy",
    removeDetails: message.removeDetails,
    removeConnectionTerminationDetails: message.removeConnectionTerminationDetails,
    removeResponseFlags: message.removeResponseFlags,
    setRecommendedResponseCode: message.setRecommendedResponseCode,
  };
}
