import { errnoText } from "../errno.ts";
import type { NativeTlsError } from "../native-tls.ts";

/** Numbers of Envoy's TLS library: its library in the top byte, the reason below. */
const SSL_LIBRARY = 16 << 24;
const SYSTEM_LIBRARY = 2 << 24;
/** An alert of the peer has this and its own number. */
const PEER_ALERT = 1000;

/**
 * What OpenSSL calls a failure, as Node spells it, and the name and number that Envoy's library has for the same. What is
 * not in here keeps OpenSSL's name, with the number of a library error without one.
 */
const REASONS: { readonly [code: string]: readonly [name: string, reason: number] } = {
  ERR_SSL_BAD_EXTENSION: ["ERROR_PARSING_EXTENSION", 149],
  ERR_SSL_BAD_RECORD_TYPE: ["UNEXPECTED_RECORD", 225],
  ERR_SSL_CCS_RECEIVED_EARLY: ["CCS_RECEIVED_EARLY", 124],
  ERR_SSL_DATA_LENGTH_TOO_LONG: ["DATA_LENGTH_TOO_LONG", 136],
  ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC: ["DECRYPTION_FAILED_OR_BAD_RECORD_MAC", 139],
  ERR_SSL_DIGEST_CHECK_FAILED: ["DIGEST_CHECK_FAILED", 142],
  ERR_SSL_ENCRYPTED_LENGTH_TOO_LONG: ["ENCRYPTED_LENGTH_TOO_LONG", 146],
  ERR_SSL_EXCESSIVE_MESSAGE_SIZE: ["EXCESSIVE_MESSAGE_SIZE", 150],
  ERR_SSL_HTTPS_PROXY_REQUEST: ["HTTPS_PROXY_REQUEST", 155],
  ERR_SSL_HTTP_REQUEST: ["HTTP_REQUEST", 156],
  ERR_SSL_INAPPROPRIATE_FALLBACK: ["INAPPROPRIATE_FALLBACK", 157],
  ERR_SSL_INVALID_ALERT: ["BAD_ALERT", 102],
  ERR_SSL_LENGTH_MISMATCH: ["DECODE_ERROR", 137],
  ERR_SSL_NO_CIPHERS_SPECIFIED: ["NO_CIPHERS_SPECIFIED", 262],
  ERR_SSL_NO_SHARED_CIPHER: ["NO_SHARED_CIPHER", 184],
  ERR_SSL_NO_SHARED_GROUP: ["NO_SHARED_GROUP", 266],
  ERR_SSL_NO_SUITABLE_KEY_SHARE: ["NO_SHARED_GROUP", 266],
  ERR_SSL_NO_SUITABLE_SIGNATURE_ALGORITHM: ["NO_COMMON_SIGNATURE_ALGORITHMS", 253],
  ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE: [
    // Envoy adds words of its own.
    "PEER_DID_NOT_RETURN_A_CERTIFICATE:peer did not provide required client certificate",
    192,
  ],
  ERR_SSL_RECORD_TOO_SMALL: ["DECODE_ERROR", 137],
  ERR_SSL_PACKET_LENGTH_TOO_LONG: ["ENCRYPTED_LENGTH_TOO_LONG", 146],
  ERR_SSL_UNEXPECTED_MESSAGE: ["UNEXPECTED_MESSAGE", 223],
  ERR_SSL_UNKNOWN_PROTOCOL: ["UNKNOWN_PROTOCOL", 233],
  ERR_SSL_UNSUPPORTED_PROTOCOL: ["UNSUPPORTED_PROTOCOL", 240],
  ERR_SSL_VERSION_TOO_LOW: ["UNSUPPORTED_PROTOCOL", 240],
  ERR_SSL_WRONG_CERTIFICATE_TYPE: ["WRONG_CERTIFICATE_TYPE", 241],
  ERR_SSL_WRONG_CIPHER_RETURNED: ["WRONG_CIPHER_RETURNED", 242],
  ERR_SSL_WRONG_SIGNATURE_TYPE: ["WRONG_SIGNATURE_TYPE", 245],
  ERR_SSL_WRONG_SSL_VERSION: ["WRONG_SSL_VERSION", 246],
  ERR_SSL_WRONG_VERSION_NUMBER: ["WRONG_VERSION_NUMBER", 247],
};

/** Alerts by Node's names, without the prefixes, and their numbers (RFC 8446 6.2). */
const ALERTS: { readonly [name: string]: number } = {
  UNEXPECTED_MESSAGE: 10,
  BAD_RECORD_MAC: 20,
  DECRYPTION_FAILED: 21,
  RECORD_OVERFLOW: 22,
  DECOMPRESSION_FAILURE: 30,
  HANDSHAKE_FAILURE: 40,
  NO_CERTIFICATE: 41,
  BAD_CERTIFICATE: 42,
  UNSUPPORTED_CERTIFICATE: 43,
  CERTIFICATE_REVOKED: 44,
  CERTIFICATE_EXPIRED: 45,
  CERTIFICATE_UNKNOWN: 46,
  ILLEGAL_PARAMETER: 47,
  UNKNOWN_CA: 48,
  ACCESS_DENIED: 49,
  DECODE_ERROR: 50,
  DECRYPT_ERROR: 51,
  PROTOCOL_VERSION: 70,
  INSUFFICIENT_SECURITY: 71,
  INTERNAL_ERROR: 80,
  INAPPROPRIATE_FALLBACK: 86,
  USER_CANCELLED: 90,
  NO_RENEGOTIATION: 100,
  UNSUPPORTED_EXTENSION: 110,
  UNRECOGNIZED_NAME: 112,
  BAD_CERTIFICATE_STATUS_RESPONSE: 113,
  UNKNOWN_PSK_IDENTITY: 115,
  CERTIFICATE_REQUIRED: 116,
  NO_APPLICATION_PROTOCOL: 120,
};

/** A failure of TLS in Envoy's form: `TLS_error:|<number>:SSL routines:OPENSSL_internal:HTTP_REQUEST:TLS_error_end`. */
export function tlsErrorText(error: NativeTlsError): string {
  const [name, reason] = reasonOf(error.code ?? "");
  return libraryErrorText(name, reason);
}

/** A failure by the name and number of Envoy's library, in the same form. */
export function libraryErrorText(name: string, reason: number): string {
  return errorText(SSL_LIBRARY + reason, "SSL routines", name);
}

/** The peer's certificate was refused after the handshake, for `why`. */
export function verifyErrorText(why: string): string {
  return libraryErrorText(`CERTIFICATE_VERIFY_FAILED:verify cert failed: ${why}`, 125);
}

/** The socket failed with a negative errno. */
export function systemErrorText(status: number): string {
  return errorText(SYSTEM_LIBRARY - status, "system library", errnoText(status));
}

function errorText(number: number, library: string, text: string): string {
  return `TLS_error:|${number}:${library}:OPENSSL_internal:${text}:TLS_error_end`;
}

function reasonOf(code: string): readonly [name: string, reason: number] {
  const known = REASONS[code];
  if (known !== undefined) return known;
  const [, age, alert] = /^ERR_SSL_(SSL\/TLS|TLSV13?)(?:_ALERT)?_(.*)$/u.exec(code) ?? [];
  const number = ALERTS[alert ?? ""];
  if (number === undefined) return [code.replace("ERR_SSL_", ""), 0];
  return [`${age === "SSL/TLS" ? "SSLV3" : "TLSV1"}_ALERT_${alert}`, PEER_ALERT + number];
}
