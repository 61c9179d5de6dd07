import assert from "node:assert/strict";
import { test } from "node:test";
import { RawClient, startOrigin } from "../testing/origin.ts";
import { startProxy } from "../testing/proxy.ts";
import { bootstrapOf, explainerOf } from "./testing/explainer.ts";

const ROUTES = `response_headers_to_add: [{ header: { key: x-route, value: "%ROUTE_NAME%" } }]
virtual_hosts:
- name: api
  domains: ["*.example.com"]
  routes:
  - name: post
    match: { prefix: /, headers: [{ name: ":method", string_match: { exact: POST } }] }
    route: { cluster: one, regex_rewrite: { pattern: { regex: "/+" }, substitution: "/-" } }
  - name: query
    match: { path: /q, query_parameters: [{ name: k, string_match: { prefix: v } }] }
    route: { cluster: two, host_rewrite_header: x-host }
  - name: grpc
    match: { prefix: /, grpc: {} }
    route: { cluster: one }
  - name: old
    match: { path_separated_prefix: /old }
    redirect: { prefix_rewrite: /new, response_code: FOUND }
- name: rest
  domains: ["*"]
  request_headers_to_add: [{ header: { key: x-vhost, value: "%REQ(:METHOD)%" } }]
  routes:
  - name: cookie
    match: { prefix: /, cookies: [{ name: c, string_match: { exact: "1" } }] }
    direct_response: { status: 418, body: { inline_string: tea } }
  - name: any
    match: { safe_regex: { regex: "/[a-z]*" } }
    route: { cluster: two }`;

const HCM = `use_remote_address: true
normalize_path: true
strip_any_host_port: true`;

const REQUESTS: readonly (readonly [url: string, method: string, headers: string[]])[] = [
  ["http://a.example.com/x//y", "POST", []],
  ["http://a.example.com/q?k=value", "GET", ["x-host: up.example"]],
  ["http://a.example.com/q?k=other", "GET", []],
  ["http://a.example.com:81/old/page?z=1", "GET", []],
  ["http://a.example.com/older", "GET", []],
  ["http://a.example.com/m", "GET", ["content-type: application/grpc"]],
  ["http://else/", "GET", ["cookie: a=2; c=1"]],
  ["http://else/abc", "GET", ["x-envoy-internal: true", "x-forwarded-for: 1.2.3.4"]],
  ["http://else/ABC", "GET", []],
  ["http://else/%2e/abc", "GET", []],
];

void test("what is explained is what the proxy does", async (t) => {
  const [one, two] = [await startOrigin(), await startOrigin()];
  t.after(() => [one, two].forEach((origin) => origin.close()));
  const yaml = bootstrapOf({
    port: 0,
    hcm: HCM,
    routes: ROUTES,
    clusters: { one: one.port, two: two.port },
  });
  const proxy = await startProxy(yaml);
  t.after(() => proxy.close());
  const explainer = explainerOf(yaml);
  for (const [url, method, headers] of REQUESTS) {
    const { host, pathname, search } = new URL(url);
    const path = url.includes("%2e") ? url.slice(url.indexOf("/", 8)) : pathname + search;
    const client = new RawClient(proxy.port("main"));
    client.send(
      [`${method} ${path} HTTP/1.1`, `host: ${host}`, ...headers, "connection: close", "", ""].join(
        "\r\n",
      ),
    );
    const answer = await client.untilEnd();
    const { outcomes } = explainer.explain({
      url,
      method,
      listener: "main",
      headers: [...headers, "connection: close"].map(
        (line) => line.split(": ") as [string, string],
      ),
    });
    assert.equal(outcomes.length, 1);
    const { route, upstream, response, responseHeaders } = outcomes[0]!;
    const expected = new Map(response?.headers ?? responseHeaders);
    assert.equal(headerOf(answer, "x-route"), route?.name ?? "", url);
    assert.equal(headerOf(answer, "location"), expected.get("location") ?? "", url);
    if (response !== null) {
      assert.match(answer, new RegExp(`^HTTP/1.1 ${response.status} `), url);
      assert.equal(answer.slice(answer.indexOf("\r\n\r\n") + 4), response.body, url);
      continue;
    }
    const origin = upstream[0]!.cluster === "one" ? one : two;
    const received = origin.connections.at(-1)!.received.split("\r\n\r\n").at(-2)!;
    const [line, ...lines] = received.split("\r\n");
    assert.equal(line, `${upstream[0]!.method} ${upstream[0]!.path} HTTP/1.1`, url);
    const sent = lines.map((each) => each.split(": ") as [string, string]);
    const steady = sent.filter(([name]) => !CODEC.includes(name));
    assert.deepEqual(
      steady,
      upstream[0]!.headers.filter(([name]) => name !== "x-request-id"),
      url,
    );
    assert.equal(new Map(sent).get("host"), upstream[0]!.host, url);
  }
});

/** What the codec writes itself, and what is another value each time. */
const CODEC = ["host", "content-length", "x-request-id"];

function headerOf(answer: string, name: string): string {
  return new RegExp(`^${name}: (.*)\r$`, "m").exec(answer)?.[1] ?? "";
}
