import type { UpstreamTlsContext } from "@nuncio/api/types/envoy/extensions/transport_sockets/tls/v3/tls_pb";
import type { UpstreamTlsConfig } from "../model.ts";
import { compileCommonContext } from "./common-context.ts";
import type { ContextIdentity } from "./downstream-context.ts";
import type { SecretReader } from "./secret-reader.ts";
import type { SecretStore } from "./secret-store.ts";

/** An `UpstreamTlsContext`. */
export function compileUpstreamContext(
  message: UpstreamTlsContext,
  identity: ContextIdentity,
  secrets: SecretStore,
  reader: SecretReader,
): UpstreamTlsConfig {
  const common = compileCommonContext(message.commonTlsContext, "upstream", secrets, reader);
  const ready = reader.rejections.length === 0 && !reader.waits;
  if (ready && message.autoSniSanValidation && common.trustedCa === "") {
    const text = "'auto_sni_san_validation' was configured without a validation context";
    reader.ctx.problems.error(message, "auto_sni_san_validation", text);
  }
  return {
    side: "upstream",
    ...identity,
    ready,
    ...common,
    sni: message.sni,
    autoHostSni: message.autoHostSni,
    autoSniSanValidation: message.autoSniSanValidation,
    allowRenegotiation: message.allowRenegotiation,
    maxSessionKeys: message.maxSessionKeys ?? 1,
  };
}
