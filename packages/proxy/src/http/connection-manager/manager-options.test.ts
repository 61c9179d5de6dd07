import assert from "node:assert/strict";
import { test } from "node:test";
import { httpBootstrap, ROUTER_FILTER } from "../../testing/bootstrap.ts";
import { startHttpRig } from "../../testing/http-rig.ts";
import { RawClient } from "../../testing/origin.ts";
import { startProxy } from "../../testing/proxy.ts";

const ROUTES =
  'route_config: { virtual_hosts: [{ name: a, domains: ["*"], routes: [{ match: { prefix: / }, direct_response: { status: 200 } }] }] }';

void test("a reply of 400 costs the connection, unless stream errors are asked for", async (t) => {
  const bad = "GET /a#b HTTP/1.1\r\nhost: a.test\r\n\r\n";
  const usual = await startHttpRig(t);
  assert.match(await usual.client().send(bad).untilEnd(), /^HTTP\/1.1 400 .*connection: close/s);
  const lenient = await startHttpRig(t, { hcm: "stream_error_on_invalid_http_message: true" });
  const peer = lenient.client().send(bad);
  await peer.until((text) => text.endsWith("\r\n\r\n"));
  const text = await peer
    .send("GET / HTTP/1.1\r\nhost: a.test\r\nconnection: close\r\n\r\n")
    .untilEnd();
  assert.match(text, /hello$/);
  const overridden = await startHttpRig(t, {
    hcm: `stream_error_on_invalid_http_message: true
          http_protocol_options: { override_stream_error_on_invalid_http_message: false }`,
  });
  assert.match(await overridden.client().send(bad).untilEnd(), /connection: close/);
});

void test("each request meets the table of its scope, and none has no route", async (t) => {
  const scope = (name: string): string =>
    `{ name: ${name}, key: { fragments: [{ string_key: ${name} }] }, route_configuration: { name: ${name}, virtual_hosts: [{ name: a, domains: ["*"], routes: [{ match: { prefix: / }, direct_response: { status: 200, body: { inline_string: "<${name}>" } } }] }] } }`;
  const proxy = await startProxy(
    httpBootstrap(`http_filters: [${ROUTER_FILTER}]
          scoped_routes:
            name: scopes
            scope_key_builder: { fragments: [{ header_value_extractor: { name: X-Scope, element_separator: ";", index: 1 } }] }
            scoped_route_configurations_list: { scoped_route_configurations: [${scope("red")}, ${scope("blue")}] }`),
  );
  t.after(() => proxy.close());
  const peer = new RawClient(proxy.port("main"));
  t.after(() => peer.close());
  const get = (value: string): string =>
    `GET / HTTP/1.1\r\nhost: a.test\r\nx-scope: ${value}\r\n\r\n`;
  peer.send(get("a;blue") + get("red") + get("b;red;c"));
  const text = await peer.until((received) => received.endsWith("<red>"));
  assert.deepEqual(
    [...text.matchAll(/HTTP\/1.1 (\d+)|<\w+>/gm)].map(([all, status]) => status ?? all),
    ["200", "<blue>", "404", "200", "<red>"],
  );
});

void test("an optional filter of no known type is left out, any other is refused with its place", async () => {
  const alien = (more: string): string =>
    `{ name: alien, ${more} typed_config: { "@type": type.googleapis.com/envoy.config.route.v3.RouteConfiguration } }`;
  const refused = (filters: string): Promise<unknown> =>
    startProxy(httpBootstrap(`http_filters: [${filters}]\n          ${ROUTES}`));
  const proxy = await startProxy(
    httpBootstrap(
      `http_filters: [${alien("is_optional: true,")}, ${ROUTER_FILTER}]\n          ${ROUTES}`,
    ),
  );
  proxy.close();
  await assert.rejects(
    refused(`${alien("")}, ${ROUTER_FILTER}`),
    /test.yaml:12:\d+ .*Didn't find a registered implementation for 'alien'/,
  );
  await assert.rejects(
    refused(ROUTER_FILTER.replace("name: router", "name: router, disabled: true")),
    /test.yaml:12:\d+ .*\(terminal\) filter \(router\) in the chain cannot be disabled by default/,
  );
});

void test("what contradicts itself is refused with its place", async () => {
  for (const [fields, message] of [
    [
      "flush_access_log_on_new_request: true\n          access_log_options: {}",
      /test.yaml:12:44 .*Only one of flush_access_log_on_new_request or access_log_options/,
    ],
    [
      "common_http_protocol_options: { max_response_headers_kb: 10 }",
      /test.yaml:12:68 .*max_response_headers_kb cannot be set on http_connection_manager/,
    ],
  ] as const) {
    const text = `${fields}\n          http_filters: [${ROUTER_FILTER}]\n          ${ROUTES}`;
    await assert.rejects(startProxy(httpBootstrap(text)), message);
  }
});
