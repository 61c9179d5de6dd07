import type { DownstreamInfo } from "../../../observe/stream-info.ts";
import type { CertificateFacts, TlsInfo } from "../../../observe/tls-info.ts";
import { writeUintWrapper } from "../../../protobuf/common-fields.ts";
import type { MessageWriter } from "../../../protobuf/message-writer.ts";

/** `envoy.data.accesslog.v3.TLSProperties.TLSVersion` */
const VERSIONS: { readonly [version: string]: number } = {
  TLSv1: 1,
  "TLSv1.1": 2,
  "TLSv1.2": 3,
  "TLSv1.3": 4,
};

/** Numbers of the cipher suites that TLS can agree on here (IANA, "TLS Cipher Suites"), by OpenSSL's names. */
const SUITES: { readonly [name: string]: number } = {
  "AES128-SHA": 0x002f,
  "AES256-SHA": 0x0035,
  "AES128-SHA256": 0x003c,
  "AES256-SHA256": 0x003d,
  "AES128-GCM-SHA256": 0x009c,
  "AES256-GCM-SHA384": 0x009d,
  TLS_AES_128_GCM_SHA256: 0x1301,
  TLS_AES_256_GCM_SHA384: 0x1302,
  TLS_CHACHA20_POLY1305_SHA256: 0x1303,
  "ECDHE-ECDSA-AES128-SHA": 0xc009,
  "ECDHE-ECDSA-AES256-SHA": 0xc00a,
  "ECDHE-RSA-AES128-SHA": 0xc013,
  "ECDHE-RSA-AES256-SHA": 0xc014,
  "ECDHE-ECDSA-AES128-SHA256": 0xc023,
  "ECDHE-RSA-AES128-SHA256": 0xc027,
  "ECDHE-ECDSA-AES128-GCM-SHA256": 0xc02b,
  "ECDHE-ECDSA-AES256-GCM-SHA384": 0xc02c,
  "ECDHE-RSA-AES128-GCM-SHA256": 0xc02f,
  "ECDHE-RSA-AES256-GCM-SHA384": 0xc030,
  "ECDHE-RSA-CHACHA20-POLY1305": 0xcca8,
  "ECDHE-ECDSA-CHACHA20-POLY1305": 0xcca9,
};

/** There is none yet, or it has no number here. */
const NO_SUITE = 0xffff;

/** The fields of `envoy.data.accesslog.v3.TLSProperties`. */
export function writeTlsProperties(
  writer: MessageWriter,
  tls: TlsInfo,
  downstream: DownstreamInfo,
): void {
  writer.uint(1, VERSIONS[tls.version] ?? 0);
  writeUintWrapper(writer, 2, SUITES[tls.cipher] ?? NO_SUITE);
  // What a listener filter found: of the handshake itself Envoy does not tell it here.
  writer.string(3, downstream.requestedServerName ?? "");
  writeCertificate(writer, 4, tls.localCertificate, false);
  writeCertificate(writer, 5, tls.peerCertificate, true);
  writer.string(6, tls.sessionId);
  writer.string(7, downstream.ja3Fingerprint ?? "");
}

/** There even when there is no certificate; of its names those that are URIs alone, as in Envoy. */
function writeCertificate(
  writer: MessageWriter,
  field: number,
  facts: CertificateFacts | null,
  withIssuer: boolean,
): void {
  const message = writer.begin(field);
  if (facts !== null) {
    for (const name of facts.uriNames) {
      const alternative = writer.begin(1);
      writer.presentString(1, name);
      writer.end(alternative);
    }
    writer.string(2, facts.subject);
    if (withIssuer) writer.string(3, facts.issuer);
  }
  writer.end(message);
}
