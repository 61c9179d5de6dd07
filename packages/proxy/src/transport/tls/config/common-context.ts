import { closeSync } from "node:fs";
import type { CertificateValidationContext } from "@nuncio/api/types/envoy/extensions/transport_sockets/tls/v3/common_pb";
import type {
  CommonTlsContext,
  CommonTlsContext_CombinedCertificateValidationContext as CombinedContext,
  TlsKeyLog,
} from "@nuncio/api/types/envoy/extensions/transport_sockets/tls/v3/tls_pb";
import { compileCidrRanges } from "../../../config/cidr.ts";
import type { CompileContext } from "../../../config/context.ts";
import { errnoText } from "../../errno.ts";
import { openKeyLog } from "../key-log.ts";
import type { CommonTlsConfig, KeyLogConfig, TlsCertificateConfig } from "../model.ts";
import { compileCertificate } from "./certificate.ts";
import type { SecretReader } from "./secret-reader.ts";
import type { SecretStore } from "./secret-store.ts";
import { compileTlsParameters } from "./tls-parameters.ts";
import { compileValidationContext, type ValidationContextConfig } from "./validation-context.ts";

/** What both sides have of a context, without what makes it one of many. */
export type CommonContextConfig = Omit<
  CommonTlsConfig,
  "id" | "version" | "ready" | "scope" | "factoryScope"
>;

const NO_VALIDATION = { trustedCa: "", crl: "", verification: null };

/** A `CommonTlsContext`; undefined is one without anything. */
export function compileCommonContext(
  message: CommonTlsContext | undefined,
  side: "downstream" | "upstream",
  secrets: SecretStore,
  reader: SecretReader,
): CommonContextConfig {
  const { ctx } = reader;
  const validation = message === undefined ? null : compileValidation(message, secrets, reader);
  return {
    certificates: message === undefined ? [] : compileCertificates(message, side, secrets, reader),
    alpnProtocols: message === undefined ? [] : compileAlpn(message, ctx),
    ...compileTlsParameters(message?.tlsParams, side, ctx),
    ...(validation ?? NO_VALIDATION),
    keyLog: message?.keyLog === undefined ? null : compileKeyLog(message.keyLog, ctx),
  };
}

function compileCertificates(
  message: CommonTlsContext,
  side: "downstream" | "upstream",
  secrets: SecretStore,
  reader: SecretReader,
): TlsCertificateConfig[] {
  const { tlsCertificates: own, tlsCertificateSdsSecretConfigs: named } = message;
  const { problems } = reader.ctx;
  const count = Math.max(own.length, named.length);
  if (side === "upstream" && count > 1) {
    const text = "Multiple TLS certificates are not supported for client contexts";
    problems.error(message, own.length > 1 ? "tls_certificates" : SDS_FIELD, text);
  } else if (own.length > 0 && named.length > 0) {
    const text = `SDS and non-SDS TLS certificates may not be mixed in ${side === "upstream" ? "client" : "server"} contexts`;
    problems.error(message, SDS_FIELD, text);
  }
  const found = [
    ...own.map((certificate) => ({ message: certificate, reader })),
    ...named.map((config) => secrets.find("tlsCertificate", config, reader)),
  ];
  return found
    .map((secret) => (secret === null ? null : compileCertificate(secret.message, secret.reader)))
    .filter((certificate) => certificate !== null);
}

const SDS_FIELD = "tls_certificate_sds_secret_configs";

function compileValidation(
  message: CommonTlsContext,
  secrets: SecretStore,
  reader: SecretReader,
): ValidationContextConfig | null {
  const { validationContextType: type } = message;
  switch (type.case) {
    case "validationContext":
      return compileValidationContext(type.value, type.value, reader);
    case "validationContextSdsSecretConfig": {
      const found = secrets.find("validationContext", type.value, reader);
      return found === null
        ? null
        : compileValidationContext(found.message, found.message, found.reader);
    }
    case "combinedValidationContext":
      return compileCombined(type.value, secrets, reader);
    default:
      return null;
  }
}

function compileCombined(
  combined: CombinedContext,
  secrets: SecretStore,
  reader: SecretReader,
): ValidationContextConfig | null {
  const config = combined.validationContextSdsSecretConfig;
  // Required by validate.rules.
  if (config === undefined) return null;
  const found = secrets.find("validationContext", config, reader);
  if (found === null) return null;
  const base = combined.defaultValidationContext;
  const merged = base === undefined ? found.message : mergeContexts(base, found.message);
  return compileValidationContext(merged, combined, found.reader);
}

/** As protobuf merges: lists join, what is set later wins. */
function mergeContexts(
  base: CertificateValidationContext,
  over: CertificateValidationContext,
): CertificateValidationContext {
  const merged: Record<string, unknown> = { ...base };
  for (const [name, value] of Object.entries(over)) {
    const before = merged[name];
    if (Array.isArray(value)) merged[name] = [...(before as unknown[]), ...(value as unknown[])];
    else if (value !== undefined && value !== false && value !== 0) merged[name] = value;
  }
  return merged as CertificateValidationContext;
}

const ALPN_BYTES_MAX = 255;

function compileAlpn(message: CommonTlsContext, ctx: CompileContext): string[] {
  const protocols = message.alpnProtocols
    .flatMap((text) => text.split(","))
    .filter((name) => name !== "");
  if (protocols.some((name) => Buffer.byteLength(name) > ALPN_BYTES_MAX))
    ctx.problems.error(message, "alpn_protocols", "Invalid ALPN protocol string");
  return protocols;
}

function compileKeyLog(message: TlsKeyLog, ctx: CompileContext): KeyLogConfig {
  try {
    closeSync(openKeyLog(message.path));
  } catch (error) {
    const reason = errnoText((error as NodeJS.ErrnoException).errno!);
    ctx.problems.error(message, "path", `unable to open file '${message.path}': ${reason}`);
  }
  return {
    path: message.path,
    localAddressRanges: compileCidrRanges(message.localAddressRange, ctx),
    remoteAddressRanges: compileCidrRanges(message.remoteAddressRange, ctx),
  };
}
