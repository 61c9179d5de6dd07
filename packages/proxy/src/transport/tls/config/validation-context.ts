import { getCACertificates } from "node:tls";
import type { Message } from "@bufbuild/protobuf";
import type { CertificateValidationContext } from "@nuncio/api/types/envoy/extensions/transport_sockets/tls/v3/common_pb";
import {
  certificateBlocks,
  isCertificate,
  isRevocationList,
  revocationListBlocks,
} from "../pem.ts";
import type { VerificationConfig } from "../validation/model.ts";
import { compileAlternativeNameRules } from "./alternative-name-rules.ts";
import { pathOf, type SecretReader } from "./secret-reader.ts";
import { compileSpiffe } from "./spiffe.ts";

/** What a validation context comes to: PEM for OpenSSL, and rules. */
export interface ValidationContextConfig {
  readonly trustedCa: string;
  readonly crl: string;
  readonly verification: VerificationConfig;
}

/** `ACCEPT_UNTRUSTED` of `TrustChainVerification`. */
const ACCEPT_UNTRUSTED = 1;

/**
 * A `CertificateValidationContext`.
 * @param place the message that problems are shown at: a context that was combined has no place of its own
 */
export function compileValidationContext(
  message: CertificateValidationContext,
  place: Message,
  reader: SecretReader,
): ValidationContextConfig {
  const { problems } = reader.ctx;
  const spiffe = compileSpiffe(message, reader);
  const trustedCa = spiffe === null ? compileTrustedCa(message, place, reader) : bundlesOf(spiffe);
  const hasTrustedCa = trustedCa !== "";
  const crl = spiffe === null ? compileCrl(message, reader, hasTrustedCa) : "";
  const alternativeNames = compileAlternativeNameRules(message, reader.ctx);
  if (!hasTrustedCa && alternativeNames.length > 0) {
    const text =
      "SAN-based verification of peer certificates without trusted CA is insecure and not allowed";
    problems.error(place, "match_typed_subject_alt_names", text);
  }
  if (!hasTrustedCa && message.allowExpiredCertificate) {
    const text = "Certificate validity period is always ignored without trusted CA";
    problems.error(place, "allow_expired_certificate", text);
  }
  return {
    trustedCa,
    crl: message.onlyVerifyLeafCertCrl ? "" : crl,
    verification: {
      acceptUntrusted: (message.trustChainVerification as number) === ACCEPT_UNTRUSTED,
      allowExpiredCertificate: message.allowExpiredCertificate,
      certificateHashes: compileHashes(message, place, reader),
      publicKeyPins: compilePins(message, place, reader),
      alternativeNames,
      leafCrl: message.onlyVerifyLeafCertCrl ? crl : "",
      maxVerifyDepth: message.maxVerifyDepth ?? null,
      spiffe,
    },
  };
}

function bundlesOf(spiffe: NonNullable<VerificationConfig["spiffe"]>): string {
  return spiffe.trustDomains.map(({ trustBundle }) => trustBundle).join("");
}

function compileTrustedCa(
  message: CertificateValidationContext,
  place: Message,
  reader: SecretReader,
): string {
  const source = message.trustedCa;
  const { problems } = reader.ctx;
  if (source?.specifier.case === undefined) {
    if (message.systemRootCerts === undefined) return "";
    const roots = getCACertificates("system");
    if (roots.length === 0)
      problems.error(place, "system_root_certs", "this system has no trusted certificates");
    return roots.map((root) => `${root.trimEnd()}\n`).join("");
  }
  const bytes = reader.read(source);
  if (bytes === null) return "";
  const path = pathOf(source);
  const fail = (text: string): string => {
    problems.error(source, undefined, text);
    return "";
  };
  if (bytes.length === 0)
    return fail(path === "<inline>" ? "DataSource cannot be empty" : `file ${path} is empty`);
  const text = bytes.toString("latin1");
  const blocks = certificateBlocks(text);
  if (blocks.length === 0 || !blocks.every(({ der }) => der !== null && isCertificate(der)))
    return fail(`Failed to load trusted CA certificates from ${path}`);
  for (const block of blocks) reader.show("ca", path, block.text, UNNAMED);
  return blocks.map((block) => block.text).join("");
}

/** Envoy's name for a trusted certificate in a gauge: the beginning of a hash of nothing. */
const UNNAMED = "unnamed_ca_cert_e3b0c442";

function compileCrl(
  message: CertificateValidationContext,
  reader: SecretReader,
  hasTrustedCa: boolean,
): string {
  const source = message.crl;
  const bytes = reader.read(source);
  const among = hasTrustedCa ? listsAmongTrusted(message, reader) : "";
  if (bytes === null || bytes.length === 0) return among;
  const path = pathOf(source);
  const fail = (text: string): string => {
    reader.ctx.problems.error(source!, undefined, text);
    return "";
  };
  if (message.trustedCa === undefined && message.systemRootCerts === undefined)
    return fail(`Failed to load CRL from ${path} without trusted CA`);
  const blocks = revocationListBlocks(bytes.toString("latin1"));
  if (blocks.length === 0 || !blocks.every(isRevocationList))
    return fail(`Failed to load CRL from ${path}`);
  return among + blocks.map(({ text }) => text).join("");
}

/** Revocation lists may stand in the file of the trusted certificates. */
function listsAmongTrusted(message: CertificateValidationContext, reader: SecretReader): string {
  const bytes = reader.read(message.trustedCa);
  const blocks = revocationListBlocks(bytes?.toString("latin1") ?? "");
  if (blocks.every(isRevocationList)) return blocks.map(({ text }) => text).join("");
  const text = `Failed to load trusted CA certificates from ${pathOf(message.trustedCa)}`;
  reader.ctx.problems.error(message.trustedCa!, undefined, text);
  return "";
}

/** Hex, with or without colons. */
function compileHashes(
  message: CertificateValidationContext,
  place: Message,
  reader: SecretReader,
): string[] {
  return message.verifyCertificateHash.map((text, index) => {
    const hash = text.replaceAll(":", "").toLowerCase();
    if (!/^[0-9a-f]{64}$/.test(hash)) {
      const problem = `Invalid hex-encoded SHA-256 ${text}`;
      reader.ctx.problems.error(place, "verify_certificate_hash", problem, index);
    }
    return hash;
  });
}

function compilePins(
  message: CertificateValidationContext,
  place: Message,
  reader: SecretReader,
): string[] {
  return message.verifyCertificateSpki.map((pin, index) => {
    if (!/^[A-Za-z0-9+/]{43}=$/.test(pin)) {
      const problem = `Invalid base64-encoded SHA-256 ${pin}`;
      reader.ctx.problems.error(place, "verify_certificate_spki", problem, index);
    }
    return pin;
  });
}
