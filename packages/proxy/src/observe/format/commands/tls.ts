import type { HeaderMap } from "@nuncio/codec";
import type { FormatContext } from "../../stream-info.ts";
import type { CertificateFacts, TlsInfo } from "../../tls-info.ts";
import { TextCommand, textCommand } from "../command.ts";
import type { CommandDefinition, CommandTable, ParsedCommand } from "../command.ts";
import { TimeFormatter } from "../strftime.ts";
import { parseTimeFormat } from "../time-tokens.ts";
import type { TimeToken } from "../time-tokens.ts";

type Session = (context: FormatContext) => TlsInfo | null;

const downstream: Session = ({ streamInfo }) => streamInfo.downstream?.tls ?? null;
const upstream: Session = ({ streamInfo }) => streamInfo.upstream.tls;

type Certificate = (context: FormatContext) => CertificateFacts | null;

function peerOf(session: Session): Certificate {
  return (context) => session(context)?.peerCertificate ?? null;
}

function localOf(session: Session): Certificate {
  return (context) => session(context)?.localCertificate ?? null;
}

const FIELDS = {
  URI_SAN: (facts: CertificateFacts) => facts.uriNames.join(","),
  DNS_SAN: (facts: CertificateFacts) => facts.dnsNames.join(","),
  IP_SAN: (facts: CertificateFacts) => facts.ipNames.join(","),
  EMAIL_SAN: (facts: CertificateFacts) => facts.emailNames.join(","),
  OTHERNAME_SAN: (facts: CertificateFacts) => facts.otherNames.join(","),
  SUBJECT: (facts: CertificateFacts) => facts.subject,
  ISSUER: (facts: CertificateFacts) => facts.issuer,
  CERT: (facts: CertificateFacts) => facts.urlEncodedPem,
  FINGERPRINT_256: (facts: CertificateFacts) => facts.sha256,
  FINGERPRINT_1: (facts: CertificateFacts) => facts.sha1,
  SERIAL: (facts: CertificateFacts) => facts.serialNumber,
} as const;

type Field = keyof typeof FIELDS;

const SANS: readonly Field[] = ["URI_SAN", "DNS_SAN", "IP_SAN"];
const MORE_SANS: readonly Field[] = ["EMAIL_SAN", "OTHERNAME_SAN", "SUBJECT"];
const PEER: readonly Field[] = ["ISSUER", "CERT", "FINGERPRINT_256", "FINGERPRINT_1", "SERIAL"];

const DEFAULT_TIME = "%Y-%m-%dT%H:%M:%S.000Z";

/** Facts of TLS, of both connections; a plaintext one has none of them. */
export const tlsCommands: CommandTable = {
  ...sessionCommands("DOWNSTREAM", downstream),
  ...sessionCommands("UPSTREAM", upstream),
  ...certificateCommands("DOWNSTREAM_PEER", peerOf(downstream), [...SANS, ...MORE_SANS, ...PEER]),
  ...certificateCommands("DOWNSTREAM_LOCAL", localOf(downstream), [...SANS, ...MORE_SANS]),
  ...certificateCommands("UPSTREAM_PEER", peerOf(upstream), [...SANS, "SUBJECT", "ISSUER", "CERT"]),
  ...certificateCommands("UPSTREAM_LOCAL", localOf(upstream), SANS),
  ...validityCommands("DOWNSTREAM_PEER", peerOf(downstream)),
  ...validityCommands("UPSTREAM_PEER", peerOf(upstream)),
  ...chainCommands(),
  TLS_JA3_FINGERPRINT: textCommand(
    ({ streamInfo }) => streamInfo.downstream?.ja3Fingerprint || null,
  ),
  TLS_JA4_FINGERPRINT: textCommand(
    ({ streamInfo }) => streamInfo.downstream?.ja4Fingerprint || null,
  ),
  UPSTREAM_SERVER_NAME: textCommand((context) => upstream(context)?.serverName || null),
  DOWNSTREAM_TRANSPORT_FAILURE_REASON: textCommand(
    ({ streamInfo: { downstream: info, protocol } }) =>
      (
        info?.tls?.failureReason ||
        // What the TLS inspector says is the connection's, and not that of its requests.
        (protocol === "" ? info?.inspectionFailure : "") ||
        ""
      ).replaceAll(" ", "_") || null,
  ),
  REQUESTED_SERVER_NAME: {
    params: "optional",
    length: false,
    parse: parseServerName,
    build: ([order, source]) => new TextCommand((context) => serverName(context, order, source)),
  },
};

function sessionCommands(side: string, session: Session): CommandTable {
  return {
    [`${side}_TLS_VERSION`]: textCommand((context) => session(context)?.version || null),
    [`${side}_TLS_CIPHER`]: textCommand((context) => session(context)?.cipher || null),
    [`${side}_TLS_SESSION_ID`]: textCommand((context) => session(context)?.sessionId || null),
    [`${side}_TLS_GROUP`]: textCommand((context) => session(context)?.group || null),
  };
}

/** One command for each of these fields; Envoy has not all of them on every side. */
function certificateCommands(
  prefix: string,
  certificate: Certificate,
  fields: readonly Field[],
): CommandTable {
  return Object.fromEntries(
    fields.map((field) => {
      const read = FIELDS[field];
      const command = textCommand((context) => {
        const facts = certificate(context);
        return facts === null ? null : read(facts) || null;
      });
      return [`${prefix}_${field}`, command];
    }),
  );
}

/** Certificates of the client beside its own: the next one is that of its issuer. */
function chainCommands(): CommandTable {
  const prefix = "DOWNSTREAM_PEER";
  const chain = (read: (facts: CertificateFacts) => string): CommandDefinition =>
    textCommand((context) => {
      const certificates = downstream(context)?.peerCertificateChain ?? [];
      return certificates.map(read).join(",") || null;
    });
  const issuer = (read: (facts: CertificateFacts) => string): CommandDefinition =>
    textCommand((context) => {
      const facts = downstream(context)?.peerCertificateChain[1];
      return facts === undefined ? null : read(facts);
    });
  return {
    [`${prefix}_CHAIN_FINGERPRINTS_256`]: chain(FIELDS.FINGERPRINT_256),
    [`${prefix}_CHAIN_FINGERPRINTS_1`]: chain(FIELDS.FINGERPRINT_1),
    [`${prefix}_CHAIN_SERIALS`]: chain(FIELDS.SERIAL),
    [`${prefix}_ISSUER_FINGERPRINT_256`]: issuer(FIELDS.FINGERPRINT_256),
    [`${prefix}_ISSUER_SERIAL`]: issuer(FIELDS.SERIAL),
  };
}

function validityCommands(prefix: string, certificate: Certificate): CommandTable {
  return {
    [`${prefix}_CERT_V_START`]: timeCommand(certificate, (facts) => facts.validFromMs),
    [`${prefix}_CERT_V_END`]: timeCommand(certificate, (facts) => facts.validToMs),
  };
}

function timeCommand(
  certificate: Certificate,
  instant: (facts: CertificateFacts) => number,
): CommandDefinition {
  return {
    params: "optional",
    length: false,
    parse: (params) => {
      const format = params || DEFAULT_TIME;
      const parsed = parseTimeFormat(format);
      return "error" in parsed ? parsed : { args: [format] };
    },
    build: ([format]) => {
      const tokens = parseTimeFormat(format as string) as readonly TimeToken[];
      const formatter = new TimeFormatter(tokens, false);
      return new TextCommand((context) => {
        const facts = certificate(context);
        return facts === null ? null : formatter.format(instant(facts));
      });
    },
  };
}

function serverName(context: FormatContext, order: unknown, source: unknown): string | null {
  const sni = printable(context.streamInfo.downstream?.requestedServerName ?? "") || null;
  const { requestHeaders } = context;
  if (order === "SNI_ONLY" || requestHeaders === null) return sni;
  if (order === "SNI_FIRST") return sni ?? host(requestHeaders, source as string);
  return host(requestHeaders, source as string) ?? sni;
}

/** A client may send any bytes for a name; as in Envoy, what no host name has is not printed. */
function printable(name: string): string {
  return /^[0-9A-Za-z._-]*$/.test(name)
    ? name
    : `invalid:${name.replaceAll(/[^0-9A-Za-z._-]/g, "_")}`;
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
