import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { startHttpRig, type HttpRig } from "../../../testing/http-rig.ts";

const TYPE = "type.googleapis.com/envoy.extensions.filters.http.cors.v3";
const ORIGIN = "http://a.test";

/** A proxy with the filter, and a policy of these fields on the route to the origin. */
function startCors(t: TestContext, policy: string): Promise<HttpRig> {
  return startHttpRig(t, {
    filters: `{ name: cors, typed_config: { "@type": ${TYPE}.Cors } }`,
    perFilter: `{ cors: { "@type": ${TYPE}.CorsPolicy, ${policy} } }`,
  });
}

function preflight(origin: string, path = "/"): string {
  return `OPTIONS ${path} HTTP/1.1\r\nhost: a\r\norigin: ${origin}\r\naccess-control-request-method: PUT\r\naccess-control-request-headers: x-a\r\n\r\n`;
}

/** The head of the answer to one request on a connection of its own. */
async function headOf(rig: HttpRig, request: string): Promise<string> {
  const client = rig.client().send(request);
  const text = await client.until((received) => received.includes("\r\n\r\n"));
  return text.slice(0, text.indexOf("\r\n\r\n") + 2);
}

function countsOf({ proxy }: HttpRig): (number | undefined)[] {
  return ["valid", "invalid"].map((name) => proxy.stat(`http.in.cors.origin_${name}`));
}

void test("a preflight is answered from here, and the origin is told what it may", async (t) => {
  const rig = await startCors(
    t,
    `allow_origin_string_match: [{ exact: "${ORIGIN}" }], allow_methods: "GET,PUT", allow_headers: x-b, max_age: "9", allow_credentials: true`,
  );
  const head = await headOf(rig, preflight(ORIGIN));
  assert.match(head, /^HTTP\/1\.1 200 OK\r\n/);
  const lines = head.split("\r\n").filter((line) => line.startsWith("access-control-"));
  assert.deepEqual(lines, [
    `access-control-allow-origin: ${ORIGIN}`,
    "access-control-allow-credentials: true",
    "access-control-allow-methods: GET,PUT",
    "access-control-allow-headers: x-b",
    "access-control-max-age: 9",
  ]);
  assert.equal(rig.origin.connections.length, 0);
  assert.deepEqual(countsOf(rig), [1, 0]);
});

void test("a preflight of another origin goes on, or is answered without a word about it", async (t) => {
  const policy = `allow_origin_string_match: [{ exact: "${ORIGIN}" }]`;
  const forwards = await startCors(t, policy);
  assert.doesNotMatch(await headOf(forwards, preflight("http://b.test")), /access-control/);
  assert.equal(forwards.origin.connections.length, 1);
  assert.deepEqual(countsOf(forwards), [0, 1]);
  const answers = await startCors(t, `${policy}, forward_not_matching_preflights: false`);
  const head = await headOf(answers, preflight("http://b.test"));
  assert.match(head, /^HTTP\/1\.1 200 OK\r\n/);
  assert.doesNotMatch(head, /access-control/);
  assert.equal(answers.origin.connections.length, 0);
});

void test("a star gives what was asked for", async (t) => {
  const rig = await startCors(
    t,
    `allow_origin_string_match: [{ exact: "*" }], allow_methods: "*", allow_headers: "*"`,
  );
  const head = await headOf(rig, preflight("http://anyone.test"));
  assert.match(head, /\r\naccess-control-allow-origin: http:\/\/anyone\.test\r\n/);
  assert.match(head, /\r\naccess-control-allow-methods: PUT\r\n/);
  assert.match(head, /\r\naccess-control-allow-headers: x-a\r\n/);
});

void test("the response of an allowed origin is marked, that of another one is not", async (t) => {
  const rig = await startCors(
    t,
    `allow_origin_string_match: [{ exact: "${ORIGIN}" }], expose_headers: x-c`,
  );
  const get = (origin: string): string => `GET / HTTP/1.1\r\nhost: a\r\norigin: ${origin}\r\n\r\n`;
  const head = await headOf(rig, get(ORIGIN));
  assert.match(head, /\r\naccess-control-allow-origin: http:\/\/a\.test\r\n/);
  assert.match(head, /\r\naccess-control-expose-headers: x-c\r\n/);
  assert.doesNotMatch(await headOf(rig, get("http://b.test")), /access-control/);
});

void test("in the shadow origins are only counted", async (t) => {
  const rig = await startCors(
    t,
    `allow_origin_string_match: [{ exact: "${ORIGIN}" }], filter_enabled: { default_value: {} }, shadow_enabled: { default_value: { numerator: 100 } }`,
  );
  assert.doesNotMatch(await headOf(rig, preflight(ORIGIN)), /access-control/);
  assert.equal(rig.origin.connections.length, 1);
  assert.deepEqual(countsOf(rig), [1, 0]);
});

void test("the route's own cors is heeded, and answers from here have no policy", async (t) => {
  const rig = await startHttpRig(t, {
    filters: `{ name: cors, typed_config: { "@type": ${TYPE}.Cors } }`,
    route: `, cors: { allow_origin_string_match: [{ exact: "${ORIGIN}" }], max_age: "5" }`,
  });
  assert.match(await headOf(rig, preflight(ORIGIN)), /\r\naccess-control-max-age: 5\r\n/);
  const none = await headOf(rig, preflight(ORIGIN, "/none"));
  assert.match(none, /^HTTP\/1\.1 404/);
  assert.doesNotMatch(none, /access-control/);
  assert.deepEqual(countsOf(rig), [1, 0]);
});
