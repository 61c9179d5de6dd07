import { createHash } from "node:crypto";
import type { DownstreamTlsContext } from "@nuncio/api/types/envoy/extensions/transport_sockets/tls/v3/tls_pb";
import { compileDuration } from "../../../config/durations.ts";
import type { CommonTlsConfig, DownstreamTlsConfig } from "../model.ts";
import type { VerificationConfig } from "../validation/model.ts";
import { compileCommonContext, type CommonContextConfig } from "./common-context.ts";
import type { SecretReader } from "./secret-reader.ts";
import type { SecretStore } from "./secret-store.ts";
import { compileTicketKeys } from "./session-ticket-keys.ts";

/** What a context gets that is told from others. */
export type ContextIdentity = Pick<CommonTlsConfig, "id" | "version" | "scope" | "factoryScope">;

/** By Envoy's numbers. */
const STAPLE_POLICIES = ["lenient_stapling", "strict_stapling", "must_staple"] as const;

/** BoringSSL's, two hours. */
const SESSION_TIMEOUT_MS = 7_200_000;

/**
 * A `DownstreamTlsContext`.
 * @param ownTicketKey for tickets when the configuration has no key of its own: the context's, for all workers
 */
export function compileDownstreamContext(
  message: DownstreamTlsContext,
  identity: ContextIdentity,
  ownTicketKey: Uint8Array,
  secrets: SecretStore,
  reader: SecretReader,
): DownstreamTlsConfig {
  const { ctx } = reader;
  const before = ctx.problems.list.length;
  const common = compileCommonContext(message.commonTlsContext, "downstream", secrets, reader);
  const ticketKeys = compileTickets(message, ownTicketKey, secrets, reader);
  const ready = reader.rejections.length === 0 && !reader.waits;
  const ocspStaplePolicy = STAPLE_POLICIES[message.ocspStaplePolicy] ?? "lenient_stapling";
  if (ready && ctx.problems.list.length === before)
    checkCertificates(message, common, ocspStaplePolicy, reader);
  return {
    side: "downstream",
    ...identity,
    ready,
    ...common,
    curves: message.preferClientCiphers ? common.curves.replaceAll("/", ":") : common.curves,
    requireClientCertificate:
      (message.requireClientCertificate ?? false) || asksForCertificate(common.verification),
    requireSni: message.requireSni ?? false,
    preferClientCiphers: message.preferClientCiphers,
    sessionTicketKeys: ticketKeys,
    sessionTimeoutS: Math.floor(
      compileDuration(message, "session_timeout", message.sessionTimeout, SESSION_TIMEOUT_MS, ctx) /
        1000,
    ),
    sessionIdContext: sessionIdContextOf(common),
    ocspStaplePolicy,
    fullScanCertsOnSniMismatch: message.fullScanCertsOnSniMismatch ?? false,
  };
}

/** Rules about a certificate are rules that there is one. */
function asksForCertificate(rules: VerificationConfig | null): boolean {
  if (rules === null) return false;
  const { certificateHashes, publicKeyPins, alternativeNames, spiffe, acceptUntrusted } = rules;
  if (spiffe !== null || acceptUntrusted) return spiffe !== null;
  return certificateHashes.length + publicKeyPins.length + alternativeNames.length > 0;
}

function checkCertificates(
  message: DownstreamTlsContext,
  { certificates }: CommonContextConfig,
  policy: DownstreamTlsConfig["ocspStaplePolicy"],
  { ctx }: SecretReader,
): void {
  if (certificates.length === 0) {
    const text = "No TLS certificates found for server context";
    ctx.problems.error(message, "common_tls_context", text);
  }
  for (const { ocspStaple, mustStaple } of certificates) {
    if (ocspStaple !== null || (policy !== "must_staple" && !mustStaple)) continue;
    const text =
      policy === "must_staple"
        ? "Required OCSP response is missing from TLS context"
        : "OCSP response is required for must-staple certificate";
    ctx.problems.error(message, "ocsp_staple_policy", text);
  }
}

function compileTickets(
  message: DownstreamTlsContext,
  own: Uint8Array,
  secrets: SecretStore,
  reader: SecretReader,
): Uint8Array | null {
  const { sessionTicketKeysType: type } = message;
  switch (type.case) {
    case "sessionTicketKeys":
      return compileTicketKeys(type.value, reader);
    case "sessionTicketKeysSdsSecretConfig": {
      const found = secrets.find("sessionTicketKeys", type.value, reader);
      return found === null ? null : compileTicketKeys(found.message, found.reader);
    }
    case "disableStatelessSessionResumption":
      return type.value ? null : own;
    default:
      return own;
  }
}

/** Whoever was let in by one context is not let in by another one with other certificates or rules. */
function sessionIdContextOf(common: CommonContextConfig): string {
  const hash = createHash("sha256");
  for (const { chain, names } of common.certificates) hash.update(`${chain} ${names.join(" ")}\n`);
  hash.update(common.trustedCa).update(common.crl).update(JSON.stringify(common.verification));
  return hash.digest("base64url").slice(0, 32);
}
