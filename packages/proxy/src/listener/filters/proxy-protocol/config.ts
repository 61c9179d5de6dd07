import type {
  ProxyProtocol,
  ProxyProtocol_Rule,
} from "@nuncio/api/types/envoy/extensions/filters/listener/proxy_protocol/v3/proxy_protocol_pb";
import {
  PROXY_PROTOCOL_LEGACY_STATS,
  PROXY_PROTOCOL_STATS,
} from "../../../observe/stats/tables/proxy-protocol.ts";
import type { ListenerFilterConfigSide } from "../extension.ts";
import type { ProxyProtocolConfig, TlvRule } from "./model.ts";

const TYPE = "envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol";
const NAMESPACE = "envoy.filters.listener.proxy_protocol";
const V1 = 0;
const V2 = 1;
const BASE64 = 2;
const FILTER_STATE = 1;

/**
 * Main side of the PROXY protocol filter. `pass_through_tlvs` is for the transport socket `upstream_proxy_protocol`, which is not
 * there; the header that a tunnel's host gets has no items in Envoy either. So it is taken and changes nothing.
 */
export const proxyProtocolConfigSide: ListenerFilterConfigSide<ProxyProtocol, ProxyProtocolConfig> =
  {
    configType: TYPE,
    implemented: {
      [TYPE]: "all",
      [`${TYPE}.Rule`]: "all",
      [`${TYPE}.KeyValuePair`]: "all",
      "envoy.config.core.v3.ProxyProtocolPassThroughTLVs": "all",
    },
    compile(config, ctx) {
      const allowV1 = !config.disallowedVersions.includes(V1);
      const allowV2 = !config.disallowedVersions.includes(V2);
      if (!allowV1 && !allowV2) {
        ctx.problems.error(
          config,
          "disallowed_versions",
          "Proxy Protocol filter is misconfigured: all proxy protocol versions are disallowed",
        );
      }
      const prefix = config.statPrefix === "" ? "" : `${config.statPrefix}.`;
      return {
        scope: ctx.stats.scope(`proxy_proto.${prefix}`, PROXY_PROTOCOL_STATS),
        legacyScope: ctx.stats.scope("", PROXY_PROTOCOL_LEGACY_STATS),
        optional: config.allowRequestsWithoutProxyProtocol,
        allowV1,
        allowV2,
        rules: config.rules.map(compileRule),
        tlvLocation: config.tlvLocation === FILTER_STATE ? "filter_state" : "dynamic_metadata",
      };
    },
  };

function compileRule({ tlvType, onTlvPresent }: ProxyProtocol_Rule): TlvRule {
  return {
    type: tlvType,
    namespace: onTlvPresent?.metadataNamespace || NAMESPACE,
    key: onTlvPresent?.key ?? "",
    encoding: onTlvPresent?.valueStringEncoding === BASE64 ? "base64" : "utf8",
  };
}
