import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "@nuncio/api";
import type { TcpProxy } from "@nuncio/api/types/envoy/extensions/filters/network/tcp_proxy/v3/tcp_proxy_pb";
import { HeaderMap } from "@nuncio/codec";
import { testCompileContext } from "../../config/testing/compile-context.ts";
import { StreamInfo } from "../../observe/stream-info.ts";
import { FakeWorker } from "../../upstream/testing/fake-worker.ts";
import { tcpProxyConfigSide } from "./config.ts";
import { Tunneling } from "./tunneling.ts";

const SCOPE = {
  name: "l",
  statPrefix: "listener.l.",
  perConnectionBufferLimitBytes: 1,
  workers: 1,
};
const UUID =
  '{ "@type": type.googleapis.com/envoy.extensions.request_id.uuid.v3.UuidRequestIdConfig }';

function tunneling(config: string): Tunneling {
  const content = `{ stat_prefix: t, cluster: c, tunneling_config: { ${config} } }`;
  const { message, problems } = load<TcpProxy>(tcpProxyConfigSide.configType, [
    { name: "tcp.yaml", content },
  ]);
  const plain = tcpProxyConfigSide.compile(message, testCompileContext(problems), SCOPE);
  assert.deepEqual(problems.list, []);
  return new Tunneling(structuredClone(plain.tunneling!), new FakeWorker());
}

void test("the hostname is made of what is known of the connection", () => {
  const info = new StreamInfo();
  info.dynamicMetadata = { ns: { host: "inner.test" } };
  info.filterState = new Map([["port", "8443"]]);
  const made = tunneling('hostname: "%DYNAMIC_METADATA(ns:host)%:%FILTER_STATE(port:PLAIN)%"');
  const headers = made.requestHeaders(info, false);
  assert.equal(headers.authority, "inner.test:8443");
  assert.equal(headers.method, "CONNECT");
});

void test("a POST has a path, and the scheme of its connection", () => {
  const made = tunneling("hostname: a, use_post: true");
  const plain = made.requestHeaders(new StreamInfo(), false);
  assert.deepEqual([plain.method, plain.path, plain.scheme], ["POST", "/", "http"]);
  assert.equal(made.requestHeaders(new StreamInfo(), true).scheme, "https");
});

void test("each tunnel has an id of its own, which stands in the metadata beside what was there", () => {
  const made = tunneling(
    `hostname: a, request_id_header: X-My-Id, request_id_extension: { typed_config: ${UUID} }`,
  );
  const info = new StreamInfo();
  info.dynamicMetadata = { other: { a: 1 } };
  const id = made.requestHeaders(info, false).get("x-my-id");
  assert.match(id!, /^[0-9a-f-]{36}$/);
  assert.deepEqual(info.dynamicMetadata, {
    other: { a: 1 },
    "envoy.filters.network.tcp_proxy": { tunnel_request_id: id },
  });
  assert.notEqual(made.requestHeaders(info, false).get("x-my-id"), id);
});

void test("headers and trailers of the answer are kept where that is asked for", () => {
  const answer = new HeaderMap();
  answer.status = 200;
  answer.add("x-a", "b");
  const info = new StreamInfo();
  tunneling("hostname: a").noteResponseHeaders(answer, info);
  assert.equal(info.filterState, null);
  const made = tunneling(
    "hostname: a, propagate_response_headers: true, propagate_response_trailers: true",
  );
  made.noteResponseHeaders(answer, info);
  const trailers = new HeaderMap();
  trailers.add("x-t", "1");
  made.noteResponseTrailers(trailers, info);
  const json = (key: string): unknown =>
    (info.filterState!.get(`envoy.tcp_proxy.propagate_response_${key}`) as Record<string, unknown>)[
      "filterStateJson"
    ];
  assert.deepEqual(json("headers"), {
    headers: [
      { key: ":status", value: "200" },
      { key: "x-a", value: "b" },
    ],
  });
  assert.deepEqual(json("trailers"), { headers: [{ key: "x-t", value: "1" }] });
});
