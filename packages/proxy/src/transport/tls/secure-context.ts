import { constants } from "node:crypto";
import type { SecureContextOptions } from "node:tls";
import { newSecureContext, type NativeSecureContext } from "../native-tls.ts";
import type { CommonTlsConfig, TlsCertificateConfig } from "./model.ts";
import { revocationListBlocks } from "./pem.ts";

const { SSL_OP_NO_TICKET, SSL_OP_CIPHER_SERVER_PREFERENCE } = constants;
/** OpenSSL's; Node does not name it. */
const SSL_OP_NO_RENEGOTIATION = 1 << 30;

/** What differs between the two sides. */
export interface SideOptions {
  readonly allowRenegotiation: boolean;
  readonly preferServerCiphers: boolean;
  /** Server: null for no tickets. */
  readonly ticketKeys: Uint8Array | null;
  readonly sessionTimeoutS: number;
  readonly sessionIdContext: string;
}

/** An SSL_CTX with one certificate of a context, or with none. Throws what OpenSSL has against it; main has tried before. */
export function secureContextOf(
  config: CommonTlsConfig,
  certificate: TlsCertificateConfig | null,
  side: SideOptions,
): NativeSecureContext {
  const options: SecureContextOptions = {
    minVersion: config.minVersion,
    maxVersion: config.maxVersion,
    ciphers: `${config.tls13Ciphers}:${config.ciphers}`,
    ecdhCurve: config.curves,
    // An empty list keeps Node from trusting the public authorities.
    ca: config.trustedCa === "" ? [] : config.trustedCa,
    // As Envoy: an intermediate that is trusted need not lead to a root that is.
    allowPartialTrustChain: true,
    secureOptions: optionBits(side),
  };
  if (config.signatureAlgorithms !== "") options.sigalgs = config.signatureAlgorithms;
  // Node reads one list from each text.
  if (config.crl !== "") options.crl = revocationListBlocks(config.crl).map(({ text }) => text);
  if (certificate !== null) {
    options.cert = certificate.chain;
    options.key = certificate.privateKey;
  }
  if (side.sessionTimeoutS > 0) options.sessionTimeout = side.sessionTimeoutS;
  if (side.sessionIdContext !== "") options.sessionIdContext = side.sessionIdContext;
  if (side.ticketKeys !== null) options.ticketKeys = Buffer.from(side.ticketKeys);
  return newSecureContext(options);
}

function optionBits(side: SideOptions): number {
  let bits = side.allowRenegotiation ? 0 : SSL_OP_NO_RENEGOTIATION;
  if (side.preferServerCiphers) bits |= SSL_OP_CIPHER_SERVER_PREFERENCE;
  if (side.ticketKeys === null && side.sessionIdContext !== "") bits |= SSL_OP_NO_TICKET;
  return bits;
}
