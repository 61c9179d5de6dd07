import type { TlsInspector } from "@nuncio/api/types/envoy/extensions/filters/listener/tls_inspector/v3/tls_inspector_pb";
import { TLS_INSPECTOR_STATS } from "../../../observe/stats/tables/tls-inspector.ts";
import type { ListenerFilterConfigSide } from "../extension.ts";
import type { TlsInspectorConfig } from "./model.ts";

const TYPE = "envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector";
const LARGEST_CLIENT_HELLO_BYTES = 16 * 1024;

/**
 * Main side of the TLS inspector. `initial_read_buffer_size` says how much Envoy peeks at first; here bytes are read once,
 * into memory that all connections share, so there is nothing to size.
 */
export const tlsInspectorConfigSide: ListenerFilterConfigSide<TlsInspector, TlsInspectorConfig> = {
  configType: TYPE,
  implemented: { [TYPE]: "all" },
  compile(config, ctx) {
    return {
      scope: ctx.stats.scope("tls_inspector.", TLS_INSPECTOR_STATS),
      ja3: config.enableJa3Fingerprinting ?? false,
      ja4: config.enableJa4Fingerprinting ?? false,
      maxClientHelloBytes: config.maxClientHelloSize ?? LARGEST_CLIENT_HELLO_BYTES,
      closeOnParsingErrors: config.closeConnectionOnClientHelloParsingErrors,
    };
  },
};
