import type { TlsParameters } from "@nuncio/api/types/envoy/extensions/transport_sockets/tls/v3/common_pb";
import type { CompileContext } from "../../../config/context.ts";
import type { CommonTlsConfig, TlsVersion } from "../model.ts";
import { parseCipherList } from "./cipher-suites.ts";

/** The part of a TLS context that `tls_params` decides. */
export type TlsParametersConfig = Pick<
  CommonTlsConfig,
  "minVersion" | "maxVersion" | "ciphers" | "tls13Ciphers" | "curves" | "signatureAlgorithms"
>;

/** By Envoy's numbers; 0 leaves it to the side. */
const VERSIONS = [null, "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"] as const;

const DEFAULT_CIPHERS = [
  "[ECDHE-ECDSA-AES128-GCM-SHA256|ECDHE-ECDSA-CHACHA20-POLY1305]",
  "[ECDHE-RSA-AES128-GCM-SHA256|ECDHE-RSA-CHACHA20-POLY1305]",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384",
];

/** In the order of Envoy's library on a processor with AES. */
const TLS13_CIPHERS = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";

const DEFAULT_CURVES = ["X25519MLKEM768", "X25519", "P-256"];

/** BoringSSL's names of groups, and OpenSSL's. */
const CURVES: Readonly<Record<string, string>> = {
  "P-256": "P-256",
  prime256v1: "P-256",
  "P-384": "P-384",
  secp384r1: "P-384",
  "P-521": "P-521",
  secp521r1: "P-521",
  X25519: "X25519",
  x25519: "X25519",
  X25519MLKEM768: "X25519MLKEM768",
  MLKEM1024: "MLKEM1024",
};

/** BoringSSL's names of signature algorithms that OpenSSL has by the same name. */
const SIGNATURE_ALGORITHMS = new Set([
  "rsa_pkcs1_sha1",
  "rsa_pkcs1_sha256",
  "rsa_pkcs1_sha384",
  "rsa_pkcs1_sha512",
  "ecdsa_sha1",
  "ecdsa_secp256r1_sha256",
  "ecdsa_secp384r1_sha384",
  "ecdsa_secp521r1_sha512",
  "rsa_pss_rsae_sha256",
  "rsa_pss_rsae_sha384",
  "rsa_pss_rsae_sha512",
  "ed25519",
  "mldsa44",
  "mldsa65",
  "mldsa87",
]);

/** `FIPS_202205` of `CompliancePolicy`. */
const FIPS = 0;

const FIPS_CURVES = ["P-256", "P-384"];

/** What BoringSSL makes of `FIPS_202205`. */
const FIPS_202205 = {
  minVersion: "TLSv1.2",
  ciphers:
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384",
  tls13Ciphers: "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384",
  signatureAlgorithms: [
    "rsa_pkcs1_sha256",
    "rsa_pkcs1_sha384",
    "rsa_pkcs1_sha512",
    "ecdsa_secp256r1_sha256",
    "ecdsa_secp384r1_sha384",
    "rsa_pss_rsae_sha256",
    "rsa_pss_rsae_sha384",
    "rsa_pss_rsae_sha512",
  ].join(":"),
} as const;

/** `RSA+SHA256`; PSS has two names. */
const KEY_AND_HASH = /^((RSA|ECDSA)\+SHA1|(RSA|RSA-PSS|PSS|ECDSA)\+SHA(256|384|512))$/;

/** OpenSSL refuses versions and key sizes that are weak; whoever asks for TLS 1.1 has been asked before. */
const WEAK = "@SECLEVEL=0";

/** `tls_params`, or none of them: the defaults of the side. A client speaks at most TLS 1.2 unless told otherwise. */
export function compileTlsParameters(
  message: TlsParameters | undefined,
  side: "downstream" | "upstream",
  ctx: CompileContext,
): TlsParametersConfig {
  const minVersion: TlsVersion = VERSIONS[message?.tlsMinimumProtocolVersion ?? 0] ?? "TLSv1.2";
  const maxVersion: TlsVersion =
    VERSIONS[message?.tlsMaximumProtocolVersion ?? 0] ??
    (side === "downstream" ? "TLSv1.3" : "TLSv1.2");
  const ciphers = compileCiphers(message, ctx);
  const fips = isFips(message, ctx);
  // To OpenSSL a slash says that what stands before it is preferred, whatever the client prefers.
  const separator = side === "downstream" ? "/" : ":";
  if (fips) return { ...FIPS_202205, maxVersion, curves: FIPS_CURVES.join(separator) };
  const weak = minVersion === "TLSv1" || minVersion === "TLSv1.1";
  return {
    minVersion,
    maxVersion,
    tls13Ciphers: TLS13_CIPHERS,
    ciphers: weak ? `${ciphers}:${WEAK}` : ciphers,
    curves: compileCurves(message, ctx).join(separator),
    signatureAlgorithms: compileSignatureAlgorithms(message, ctx),
  };
}

/** The one policy that OpenSSL can be made to follow. It counts instead of what else the parameters say. */
function isFips(message: TlsParameters | undefined, ctx: CompileContext): boolean {
  const policy = message?.compliancePolicies[0] as number | undefined;
  if (policy === undefined) return false;
  if (policy !== FIPS)
    ctx.problems.error(message!, "compliance_policies", "not implemented yet: CNSA policies", 0);
  return policy === FIPS;
}

function compileCiphers(message: TlsParameters | undefined, ctx: CompileContext): string {
  const given = message?.cipherSuites ?? [];
  const list = parseCipherList(given.length === 0 ? DEFAULT_CIPHERS : given);
  if ("suites" in list) return list.suites.join(":");
  const text =
    "rejected" in list
      ? `Failed to initialize cipher suites ${given.join(":")}. The following ciphers were rejected when tried individually: ${list.rejected.join(", ")}`
      : `not implemented: OpenSSL has no ${list.missing.join(", ")}`;
  ctx.problems.error(message!, "cipher_suites", text);
  return "";
}

function compileCurves(
  message: TlsParameters | undefined,
  ctx: CompileContext,
): readonly (string | null)[] {
  const given = splitColons(message?.ecdhCurves ?? []);
  if (given.length === 0) return DEFAULT_CURVES;
  const curves = given.map((name) => (Object.hasOwn(CURVES, name) ? CURVES[name]! : null));
  if (curves.includes(null) || new Set(curves).size < curves.length) {
    const text = `Failed to initialize ECDH curves ${given.join(":")}`;
    ctx.problems.error(message!, "ecdh_curves", text);
  }
  return curves;
}

function compileSignatureAlgorithms(
  message: TlsParameters | undefined,
  ctx: CompileContext,
): string {
  const given = splitColons(message?.signatureAlgorithms ?? []);
  const known = given.every((name) => SIGNATURE_ALGORITHMS.has(name) || KEY_AND_HASH.test(name));
  if (!known || new Set(given).size < given.length) {
    const text = `Failed to initialize TLS signature algorithms ${given.join(":")}`;
    ctx.problems.error(message!, "signature_algorithms", text);
  }
  return given.join(":");
}

/** Elements are joined before they are read, so one of them may hold several. */
function splitColons(elements: readonly string[]): string[] {
  const joined = elements.join(":");
  return joined === "" ? [] : joined.split(":");
}
