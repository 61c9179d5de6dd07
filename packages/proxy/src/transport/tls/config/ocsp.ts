import type { X509Certificate } from "node:crypto";
import type { TlsCertificate } from "@nuncio/api/types/envoy/extensions/transport_sockets/tls/v3/common_pb";
import { readCertificateFields } from "../certificate-fields.ts";
import { DER, derChildren, DerError, derTimeMs, expectDer, firstDer, readDer } from "../der.ts";
import type { SecretReader } from "./secret-reader.ts";

/** An OCSP response that is to be stapled. */
export interface OcspStaple {
  /** DER. */
  readonly response: Buffer;
  /** Milliseconds since the epoch; Infinity for no end. */
  readonly nextUpdateMs: number;
}

/** `ocsp_staple`; null for none, and with a problem. */
export function compileOcspStaple(
  message: TlsCertificate,
  leaf: X509Certificate,
  reader: SecretReader,
): OcspStaple | null {
  const source = message.ocspStaple;
  if (source === undefined) return null;
  const { problems } = reader.ctx;
  if (source.specifier.case === "inlineString") {
    problems.error(message, "ocsp_staple", "OCSP staple cannot be provided via inline_string");
    return null;
  }
  const response = reader.read(source);
  if (response === null || response.length === 0) return null;
  try {
    return { response, nextUpdateMs: readResponse(response, leaf) };
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    problems.error(message, "ocsp_staple", `cannot read the OCSP response: ${error.message}`);
    return null;
  }
}

const SUCCESSFUL = 0;

/**
 * Reads an OCSPResponse (RFC 6960, 4.2.1); gives the end of its time.
 * @throws DerError
 */
function readResponse(bytes: Buffer, leaf: X509Certificate): number {
  const outer = readDer(bytes);
  if (outer.encoded.length !== bytes.length)
    throw new DerError("Data contained more than a single OCSP response");
  const [status, responseBytes] = derChildren(outer);
  if (status === undefined || status.tag !== DER.enumerated)
    throw new DerError("OCSP ResponseStatus is missing");
  if (status.content[0] !== SUCCESSFUL || responseBytes === undefined)
    throw new DerError("OCSP response was unsuccessful");
  const [, basic] = derChildren(firstDer(responseBytes));
  const data = derChildren(firstDer(readDer(expectDer(basic).content)));
  // Behind an optional version stand responder, time, and the responses: the first plain SEQUENCE.
  const responses = derChildren(expectDer(data.find(({ tag }) => tag === DER.sequence)));
  if (responses.length !== 1) throw new DerError("OCSP Response must be for one certificate only");
  const single = derChildren(responses[0]!);
  const serial = derChildren(expectDer(single[0]))[3];
  const own = readCertificateFields(leaf.raw).serialNumber;
  if (!expectDer(serial).content.equals(own))
    throw new DerError("OCSP response does not match its TLS certificate");
  const next = single.find(({ tag }) => tag === 0xa0);
  return next === undefined ? Infinity : derTimeMs(firstDer(next));
}
