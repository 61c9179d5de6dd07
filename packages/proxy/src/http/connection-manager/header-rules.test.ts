import assert from "node:assert/strict";
import { test } from "node:test";
import { startHttpRig } from "../../testing/http-rig.ts";

const EXTENSIONS = "type.googleapis.com/envoy.extensions.http";
const PRESERVE_CASE = `http_protocol_options: { header_key_format: { stateful_formatter: { name: preserve_case, typed_config: { "@type": ${EXTENSIONS}.header_formatters.preserve_case.v3.PreserveCaseFormatterConfig, forward_reason_phrase: true } } } }`;

function answer(head: string): {
  answer(connection: { socket: { write(text: string): unknown } }): void;
} {
  return {
    answer({ socket }) {
      socket.write(head);
    },
  };
}

void test("preserve_case keeps spellings from end to end, and forgets them without it", async (t) => {
  const response = "HTTP/1.1 299 As It Is\r\nX-Up-CASE: 1\r\nContent-LENGTH: 0\r\n\r\n";
  const request = "GET / HTTP/1.1\r\nHOST: a\r\nX-MiXeD: 1\r\n\r\n";
  const kept = await startHttpRig(t, {
    ...answer(response),
    hcm: PRESERVE_CASE,
    cluster: PRESERVE_CASE,
  });
  const head = await kept.client().send(request).until(hasHead);
  assert.match(head, /^HTTP\/1\.1 299 As It Is\r\nX-Up-CASE: 1\r\nContent-LENGTH: 0\r\n/);
  assert.match(
    kept.origin.connections[0]!.received,
    /^GET \/ HTTP\/1\.1\r\nHOST: a\r\nX-MiXeD: 1\r\n/,
  );
  const lost = await startHttpRig(t, answer(response));
  const lower = await lost.client().send(request).until(hasHead);
  assert.match(lower, /^HTTP\/1\.1 299 Unknown\r\nx-up-case: 1\r\ncontent-length: 0\r\n/);
  assert.match(
    lost.origin.connections[0]!.received,
    /^GET \/ HTTP\/1\.1\r\nhost: a\r\nx-mixed: 1\r\n/,
  );
});

void test("early mutations come before the client is found", async (t) => {
  const { client, origin, proxy } = await startHttpRig(t, {
    hcm: `early_header_mutation_extensions:
          - name: early
            typed_config:
              "@type": ${EXTENSIONS}.early_header_mutation.header_mutation.v3.HeaderMutation
              mutations: [{ append: { header: { key: x-own, value: "%REQ(x-client)%" } } }]
          original_ip_detection_extensions:
          - name: own
            typed_config:
              "@type": ${EXTENSIONS}.original_ip_detection.custom_header.v3.CustomHeaderConfig
              header_name: x-own
              allow_extension_to_set_address_as_trusted: true
              reject_with_status: { code: 401 }
          internal_address_config: { cidr_ranges: [{ address_prefix: 10.0.0.0, prefix_len: 8 }] }`,
  });
  await client().send("GET / HTTP/1.1\r\nhost: a\r\nx-client: 10.1.1.1\r\n\r\n").until(hasHead);
  assert.match(
    origin.connections[0]!.received,
    /\r\nx-own: 10\.1\.1\.1\r\n[^]*x-envoy-internal: true/,
  );
  const refused = await client().send("GET / HTTP/1.1\r\nhost: a\r\n\r\n").until(hasHead);
  assert.match(refused, /^HTTP\/1\.1 401 Unauthorized/);
  assert.equal(proxy.stat("http.in.downstream_rq_rejected_via_ip_detection"), 1);
});

void test("a failure is told by proxy-status, with the recommended code", async (t) => {
  const { client, origin } = await startHttpRig(t, {
    hcm: "proxy_status_config: { literal_proxy_name: me, set_recommended_response_code: true }",
  });
  origin.close();
  const response = await client().send("GET / HTTP/1.1\r\nhost: a\r\n\r\n").until(hasHead);
  assert.match(response, /^HTTP\/1\.1 502 Bad Gateway/);
  assert.match(response, /\r\nproxy-status: me; error=connection_refused; details="[^"]*; UF"\r\n/);
});

void test("x-forwarded-client-cert passes only where it always does", async (t) => {
  const { client, origin } = await startHttpRig(t, {
    hcm: `forward_client_cert_details: APPEND_FORWARD
          forward_client_cert_matcher:
            matcher_tree:
              input: { name: i, typed_config: { "@type": type.googleapis.com/envoy.type.matcher.v3.HttpRequestHeaderMatchInput, header_name: x-mode } }
              exact_match_map:
                map:
                  pass: { action: { name: a, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.ForwardClientCertConfig, forward_client_cert_details: ALWAYS_FORWARD_ONLY } } }`,
  });
  const request = (lines: string): string =>
    `GET / HTTP/1.1\r\nhost: a\r\nx-forwarded-client-cert: Hash=1\r\n${lines}\r\n`;
  await client().send(request("x-mode: pass\r\n")).until(hasHead);
  await client().send(request("")).until(hasHead);
  const seen = origin.connections.flatMap(({ received }) => received.split(/(?=GET )/));
  assert.deepEqual(
    seen.map((head) => head.includes("x-forwarded-client-cert: Hash=1")),
    [true, false],
  );
});

void test("the decision about tracing is written into the id and counted", async (t) => {
  const { client, origin, proxy } = await startHttpRig(t, { hcm: "tracing: {}" });
  const id = "00000001-2222-4333-8444-555555555555";
  await client().send(`GET / HTTP/1.1\r\nhost: a\r\nx-request-id: ${id}\r\n\r\n`).until(hasHead);
  assert.match(
    origin.connections[0]!.received,
    /\r\nx-request-id: 00000001-2222-9333-8444-555555555555/,
  );
  assert.equal(proxy.stat("http.in.tracing.random_sampling"), 1);
});

const hasHead = (text: string): boolean => text.includes("\r\n\r\n");
