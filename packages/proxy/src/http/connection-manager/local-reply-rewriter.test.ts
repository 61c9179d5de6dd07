import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { httpBootstrap, ROUTER_FILTER } from "../../testing/bootstrap.ts";
import { RawClient } from "../../testing/origin.ts";
import { startProxy } from "../../testing/proxy.ts";

const STATUS_404 =
  "filter: { status_code_filter: { comparison: { op: EQ, value: { default_value: 404, runtime_key: k } } } }";

/** Sends requests to a proxy without any route and with this `local_reply_config`; gives the responses. */
async function answers(t: TestContext, config: string, requests: string[]): Promise<string[]> {
  const proxy = await startProxy(
    httpBootstrap(`local_reply_config: ${config}
          http_filters: [${ROUTER_FILTER}]
          route_config:
            virtual_hosts:
            - name: all
              domains: ["*"]
              routes: [{ match: { path: /direct }, direct_response: { status: 200, body: { inline_string: direct } } }]`),
  );
  t.after(() => proxy.close());
  const got: string[] = [];
  for (const request of requests) {
    const client = new RawClient(proxy.port("main"));
    got.push(await client.send(request).untilEnd());
    client.close();
  }
  assert.deepEqual(proxy.exceptions, []);
  return got;
}

const get = (path: string, more = ""): string =>
  `GET ${path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n${more}\r\n`;

void test("the first mapper that matches changes status, headers and body, and the format gets its body", async (t) => {
  const config = `
            mappers:
            - { ${STATUS_404}, status_code: 418, body: { inline_string: "é" }, headers_to_add: [{ header: { key: x-was, value: "%RESPONSE_CODE%" } }] }
            - { ${STATUS_404}, status_code: 419 }
            body_format: { text_format_source: { inline_string: "<%RESPONSE_CODE% %LOCAL_REPLY_BODY% %REQ(:PATH)%>" }, content_type: text/html }`;
  const [none = "", direct = ""] = await answers(t, config, [get("/nowhere"), get("/direct")]);
  const body = Buffer.from("<418 é /nowhere>", "utf8").toString("latin1");
  assert.match(
    none,
    /^HTTP\/1\.1 418 Unknown\r\nx-was: 404\r\ncontent-length: 17\r\ncontent-type: text\/html\r\n/,
  );
  assert.ok(none.endsWith(`\r\n\r\n${body}`), none);
  assert.match(
    direct,
    /^HTTP\/1\.1 200 OK\r\ncontent-length: 20\r\ncontent-type: text\/html\r\n.*<200 direct \/direct>$/s,
  );
});

void test("a mapper's own format wins, JSON has its type, HEAD has no body", async (t) => {
  const config = `
            mappers: [{ ${STATUS_404}, body_format_override: { json_format: { code: "%RESPONSE_CODE%", path: "%REQ(:PATH)%" } } }]
            body_format: { text_format_source: { inline_string: never } }`;
  const json = '{"code":404,"path":"/x"}\n';
  const head = get("/x").replace("GET", "HEAD");
  const [got = "", headOnly = ""] = await answers(t, config, [get("/x"), head]);
  assert.match(
    got,
    /^HTTP\/1\.1 404 Not Found\r\ncontent-length: 25\r\ncontent-type: application\/json\r\n/,
  );
  assert.ok(got.endsWith(`\r\n\r\n${json}`), got);
  assert.match(headOnly, /\r\ncontent-length: 25\r\n/);
  assert.ok(headOnly.endsWith("\r\n\r\n"), headOnly);
});

void test("a type that a mapper sets stays", async (t) => {
  const config = `
            mappers: [{ ${STATUS_404}, body: { inline_string: "{}" }, headers_to_add: [{ header: { key: content-type, value: text/x-own } }] }]`;
  const [got = ""] = await answers(t, config, [get("/x")]);
  assert.match(got, /\r\ncontent-type: text\/x-own\r\n/);
  assert.doesNotMatch(got, /text\/plain/);
});

void test("gRPC gets the mapped status and body in its own headers", async (t) => {
  const config = `
            mappers: [{ ${STATUS_404}, status_code: 503, body: { inline_string: "gone" } }]`;
  const [got = ""] = await answers(t, config, [get("/x", "content-type: application/grpc\r\n")]);
  assert.match(got, /^HTTP\/1\.1 200 OK\r\n.*grpc-status: 14\r\ngrpc-message: gone\r\n/s);
});

void test("without a mapper that matches, replies stay as they are", async (t) => {
  const [got = ""] = await answers(t, "{ mappers: [] }", [get("/direct")]);
  assert.match(got, /\r\ncontent-type: text\/plain\r\n.*\r\n\r\ndirect$/s);
});
