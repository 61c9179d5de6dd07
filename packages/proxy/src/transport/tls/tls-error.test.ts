import assert from "node:assert/strict";
import { test } from "node:test";
import { systemErrorText, tlsErrorText, verifyErrorText } from "./tls-error.ts";

function textOf(code: string): string {
  return tlsErrorText(Object.assign(new Error(), { code }));
}

void test("errors have the numbers and names of Envoy's library", () => {
  const cases = {
    ERR_SSL_HTTP_REQUEST: "268435612:SSL routines:OPENSSL_internal:HTTP_REQUEST",
    ERR_SSL_WRONG_VERSION_NUMBER: "268435703:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER",
    "ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_UNKNOWN":
      "268436502:SSL routines:OPENSSL_internal:SSLV3_ALERT_CERTIFICATE_UNKNOWN",
    ERR_SSL_TLSV1_ALERT_UNKNOWN_CA:
      "268436504:SSL routines:OPENSSL_internal:TLSV1_ALERT_UNKNOWN_CA",
    ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED:
      "268436572:SSL routines:OPENSSL_internal:TLSV1_ALERT_CERTIFICATE_REQUIRED",
    ERR_SSL_TLSV1_UNRECOGNIZED_NAME:
      "268436568:SSL routines:OPENSSL_internal:TLSV1_ALERT_UNRECOGNIZED_NAME",
    ERR_SSL_SOMETHING_NEW: "268435456:SSL routines:OPENSSL_internal:SOMETHING_NEW",
  };
  for (const [code, text] of Object.entries(cases))
    assert.equal(textOf(code), `TLS_error:|${text}:TLS_error_end`);
});

void test("refused certificates and broken sockets", () => {
  assert.equal(
    verifyErrorText("why"),
    "TLS_error:|268435581:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:verify cert failed: why:TLS_error_end",
  );
  assert.equal(
    systemErrorText(-104),
    "TLS_error:|33554536:system library:OPENSSL_internal:Connection reset by peer:TLS_error_end",
  );
});
