import { defineStats } from "../definition.ts";

/** `listener.<addr>.ssl.*` and `cluster.<name>.ssl.*`; ciphers, versions, curves and the like appear with their first use. */
export const TLS_STATS = defineStats({
  connection_error: "counter",
  handshake: "counter",
  session_reused: "counter",
  no_certificate: "counter",
  fail_verify_no_cert: "counter",
  fail_verify_error: "counter",
  fail_verify_san: "counter",
  fail_verify_cert_hash: "counter",
  ocsp_staple_failed: "counter",
  ocsp_staple_omitted: "counter",
  ocsp_staple_responses: "counter",
  ocsp_staple_requests: "counter",
});

/** `listener.<addr>.server_ssl_socket_factory.*` and `cluster.<name>.client_ssl_socket_factory.*`. */
export const TLS_FACTORY_STATS = defineStats({
  ssl_context_update_by_sds: "counter",
  upstream_context_secrets_not_ready: "counter",
  downstream_context_secrets_not_ready: "counter",
});

/** `listener.<addr>.ssl.certificate.<name>.*` and the same of clusters. */
export const CERTIFICATE_STATS = defineStats({ expiration_unix_time_seconds: "gauge" });
