import type { CompileContext } from "../../../config/context.ts";
import { compileTlsParameters } from "../config/tls-parameters.ts";
import type {
  CommonTlsConfig,
  DownstreamTlsConfig,
  TlsCertificateConfig,
  UpstreamTlsConfig,
} from "../model.ts";
import type { VerificationConfig } from "../validation/model.ts";
import type { Identity } from "./certificate-authority.ts";

/** Of a validation context that asks for a trusted chain at most. */
export const NO_RULES: VerificationConfig = {
  acceptUntrusted: false,
  allowExpiredCertificate: false,
  certificateHashes: [],
  publicKeyPins: [],
  alternativeNames: [],
  leafCrl: "",
  maxVerifyDepth: null,
  spiffe: null,
};

let contexts = 0;

/** Defaults have no problems. */
const NO_CONTEXT = {} as CompileContext;

function common(
  side: "downstream" | "upstream",
  certificates: readonly TlsCertificateConfig[],
): CommonTlsConfig {
  return {
    id: ++contexts,
    version: 1,
    ready: true,
    scope: { base: 0, histogramBase: 0, prefix: "ssl." },
    factoryScope: { base: 100, histogramBase: 0, prefix: "factory." },
    certificates,
    alpnProtocols: [],
    ...compileTlsParameters(undefined, side, NO_CONTEXT),
    maxVersion: "TLSv1.3",
    trustedCa: "",
    crl: "",
    verification: NO_RULES,
    keyLog: null,
  };
}

/** A certificate as main posts it. */
export function certificateConfig(
  identity: Identity,
  names: readonly string[] = [],
  more: Partial<TlsCertificateConfig> = {},
): TlsCertificateConfig {
  return {
    chain: identity.chain,
    privateKey: identity.key,
    ecdsaCurve: 23,
    names,
    ocspStaple: null,
    mustStaple: false,
    ...more,
  };
}

/** A server's context with Envoy's defaults; its stats are at slot 0. */
export function downstreamTls(
  certificates: readonly TlsCertificateConfig[],
  more: Partial<DownstreamTlsConfig> = {},
): DownstreamTlsConfig {
  return {
    ...common("downstream", certificates),
    side: "downstream",
    requireClientCertificate: false,
    requireSni: false,
    preferClientCiphers: false,
    sessionTicketKeys: Buffer.alloc(48, 7),
    sessionTimeoutS: 0,
    sessionIdContext: "test",
    ocspStaplePolicy: "lenient_stapling",
    fullScanCertsOnSniMismatch: false,
    ...more,
  };
}

/** A client's context with Envoy's defaults, but for TLS 1.3; its stats are at slot 0. */
export function upstreamTls(more: Partial<UpstreamTlsConfig> = {}): UpstreamTlsConfig {
  return {
    ...common("upstream", []),
    side: "upstream",
    sni: "",
    autoHostSni: false,
    autoSniSanValidation: false,
    allowRenegotiation: false,
    maxSessionKeys: 1,
    ...more,
  };
}
