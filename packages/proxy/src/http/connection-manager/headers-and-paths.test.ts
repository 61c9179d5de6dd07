import assert from "node:assert/strict";
import { test } from "node:test";
import { clusterYaml, httpBootstrap, ROUTER_FILTER } from "../../testing/bootstrap.ts";
import { startHttpRig } from "../../testing/http-rig.ts";
import { RawClient, startOrigin } from "../../testing/origin.ts";
import { startProxy } from "../../testing/proxy.ts";

void test("a bad request that is answered here ends the connection, and says so", async (t) => {
  const { client, proxy } = await startHttpRig(t);
  const response = await client()
    .send("GET / HTTP/1.1\r\nconnection: host\r\nhost: a\r\n\r\n")
    .untilEnd();
  assert.match(
    response,
    /^HTTP\/1\.1 400 Bad Request\r\n[^]*\r\nconnection: close\r\ncontent-length: 0\r\n\r\n$/,
  );
  assert.equal(proxy.stat("http.in.downstream_rq_4xx"), 1);
});

void test("escaped slashes are refused, redirected or forwarded as the configuration says", async (t) => {
  const seen: string[] = [];
  for (const action of [
    "REJECT_REQUEST",
    "UNESCAPE_AND_REDIRECT",
    "UNESCAPE_AND_FORWARD",
    "KEEP_UNCHANGED",
  ]) {
    const { client, origin } = await startHttpRig(t, {
      hcm: `path_with_escaped_slashes_action: ${action}`,
    });
    const response = await client()
      .send("GET /a%2Fb?c=%2F HTTP/1.1\r\nhost: a\r\n\r\n")
      .until(hasHead);
    const location = /\r\nlocation: (\S+)/.exec(response)?.[1] ?? "";
    const path = origin.connections[0]?.received.split(" ")[1] ?? "";
    seen.push(`${response.slice(9, 12)} ${location}${path}`);
  }
  assert.deepEqual(seen, ["400 ", "307 /a/b?c=%2F", "200 /a/b?c=%2F", "200 /a%2Fb?c=%2F"]);
});

void test("clients of gRPC are refused where others are redirected", async (t) => {
  const { client } = await startHttpRig(t, {
    hcm: "path_with_escaped_slashes_action: UNESCAPE_AND_REDIRECT",
  });
  const response = await client()
    .send("POST /a%2Fb HTTP/1.1\r\nhost: a\r\ncontent-type: application/grpc\r\n\r\n")
    .until(hasHead);
  assert.match(response, /\r\ngrpc-status: 13\r\n/);
  assert.doesNotMatch(response, /location/);
});

void test("a canary's responses count apart, and under the name that an internal client asks for", async (t) => {
  const { client, proxy } = await startHttpRig(t, {
    hcm: "internal_address_config: { cidr_ranges: [{ address_prefix: 10.0.0.0, prefix_len: 8 }] }",
    answer({ socket }) {
      socket.write("HTTP/1.1 200 OK\r\nx-envoy-upstream-canary: true\r\ncontent-length: 0\r\n\r\n");
    },
  });
  const request =
    "GET / HTTP/1.1\r\nhost: a\r\nx-forwarded-for: 10.1.1.1\r\nx-envoy-upstream-alt-stat-name: alt\r\n\r\n";
  await client().send(request).until(hasHead);
  for (const group of ["", "internal.", "canary.", "alt.", "alt.internal.", "alt.canary."]) {
    for (const name of ["completed", "2xx", "200"]) {
      assert.equal(proxy.stat(`cluster.origin.${group}upstream_rq_${name}`), 1, `${group}${name}`);
    }
  }
});

void test("headers with underscores are counted where they are dropped and where they are refused", async (t) => {
  const drop = await startHttpRig(t, {
    hcm: "common_http_protocol_options: { headers_with_underscores_action: DROP_HEADER }",
  });
  await drop.client().send("GET / HTTP/1.1\r\nhost: a\r\nx_a: 1\r\ny_b: 1\r\n\r\n").until(hasHead);
  assert.doesNotMatch(drop.origin.connections[0]!.received, /_/);
  assert.equal(drop.proxy.stat("http1.dropped_headers_with_underscores"), 2);
  const refuse = await startHttpRig(t, {
    hcm: "common_http_protocol_options: { headers_with_underscores_action: REJECT_REQUEST }",
  });
  await refuse.client().send("GET / HTTP/1.1\r\nhost: a\r\nx_a: 1\r\n\r\n").until(hasHead);
  assert.equal(refuse.proxy.stat("http1.requests_rejected_with_underscores_in_headers"), 1);
});

void test("formats of response headers see the response that they are added to", async (t) => {
  const origin = await startOrigin();
  const proxy = await startProxy(
    httpBootstrap(
      `http_filters: [${ROUTER_FILTER}]
          route_config:
            response_headers_to_add:
            - { header: { key: x-code, value: "%RESPONSE_CODE%" } }
            - { header: { key: x-length, value: "%RESP(content-length)%" } }
            virtual_hosts:
            - { name: all, domains: ["*"], routes: [{ match: { prefix: / }, route: { cluster: origin } }] }`,
      [clusterYaml("origin", origin.port)],
    ),
  );
  const client = new RawClient(proxy.port("main"));
  t.after(() => {
    client.close();
    proxy.close();
    origin.close();
  });
  const response = await client.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n").until(hasHead);
  assert.match(response, /\r\nx-code: 200\r\nx-length: 5\r\n/);
});

function hasHead(received: string): boolean {
  return received.includes("\r\n\r\n");
}
