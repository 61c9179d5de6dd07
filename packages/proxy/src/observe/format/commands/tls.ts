import type { HeaderMap } from "@nuncio/codec";
import { TextCommand, textCommand } from "../command.ts";
import type { CommandDefinition, CommandTable, ParsedCommand } from "../command.ts";
import { parseTimeFormat } from "../time-tokens.ts";

/** Certificate fields of both sides and both peers, as Envoy spells them. */
const NAMES = [
  "TLS_JA3_FINGERPRINT",
  "TLS_JA4_FINGERPRINT",
  "UPSTREAM_SERVER_NAME",
  "DOWNSTREAM_TRANSPORT_FAILURE_REASON",
  ...["VERSION", "CIPHER", "SESSION_ID", "GROUP"].flatMap((name) => [
    `DOWNSTREAM_TLS_${name}`,
    `UPSTREAM_TLS_${name}`,
  ]),
  ...["URI_SAN", "DNS_SAN", "IP_SAN"].flatMap((name) => [
    `DOWNSTREAM_PEER_${name}`,
    `DOWNSTREAM_LOCAL_${name}`,
    `UPSTREAM_PEER_${name}`,
    `UPSTREAM_LOCAL_${name}`,
  ]),
  ...["EMAIL_SAN", "OTHERNAME_SAN", "SUBJECT"].flatMap((name) => [
    `DOWNSTREAM_PEER_${name}`,
    `DOWNSTREAM_LOCAL_${name}`,
  ]),
  ...["SUBJECT", "ISSUER", "CERT"].map((name) => `UPSTREAM_PEER_${name}`),
  ...[
    "ISSUER",
    "CERT",
    "FINGERPRINT_256",
    "FINGERPRINT_1",
    "SERIAL",
    "CHAIN_FINGERPRINTS_256",
    "CHAIN_FINGERPRINTS_1",
    "CHAIN_SERIALS",
    "ISSUER_FINGERPRINT_256",
    "ISSUER_SERIAL",
  ].map((name) => `DOWNSTREAM_PEER_${name}`),
];

const VALIDITY = ["DOWNSTREAM_PEER", "UPSTREAM_PEER"].flatMap((peer) => [
  `${peer}_CERT_V_START`,
  `${peer}_CERT_V_END`,
]);

/** Facts of TLS: all connections are plaintext, on which Envoy has no value for any of them either. */
export const tlsCommands: CommandTable = {
  ...Object.fromEntries(NAMES.map((name) => [name, textCommand(() => null)])),
  ...Object.fromEntries(VALIDITY.map((name) => [name, validityCommand()])),
  REQUESTED_SERVER_NAME: {
    params: "optional",
    length: false,
    parse: parseServerName,
    build: ([order, source]) =>
      new TextCommand((context) =>
        order === "SNI_ONLY" || context.requestHeaders === null
          ? null
          : host(context.requestHeaders, source as string),
      ),
  },
};

function validityCommand(): CommandDefinition {
  return {
    params: "optional",
    length: false,
    parse: (params) => {
      const parsed = parseTimeFormat(params);
      return "error" in parsed ? parsed : { args: [] };
    },
    build: () => new TextCommand(() => null),
  };
}

function parseServerName(params: string): ParsedCommand {
  const [order = "", source = ""] = params.split(":");
  if (!["", "SNI_ONLY", "SNI_FIRST", "HOST_FIRST"].includes(order)) {
    return {
      error: `Invalid REQUESTED_SERVER_NAME option: '${order}', only 'SNI_ONLY'/'SNI_FIRST'/'HOST_FIRST' are allowed`,
    };
  }
  if (!["", "ORIG", "HOST", "ORIG_OR_HOST"].includes(source)) {
    return {
      error: `Invalid REQUESTED_SERVER_NAME option: '${source}', only 'ORIG'/'HOST'/'ORIG_OR_HOST' are allowed`,
    };
  }
  return { args: [order || "SNI_ONLY", source || "ORIG_OR_HOST"] };
}

function host(headers: HeaderMap, source: string): string | null {
  const original = source === "HOST" ? undefined : headers.get("x-envoy-original-host");
  if (original !== undefined) return original;
  return source === "ORIG" ? null : headers.authority || null;
}
