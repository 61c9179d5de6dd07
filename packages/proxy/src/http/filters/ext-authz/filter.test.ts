import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { clusterYaml, httpBootstrap, ROUTER_FILTER } from "../../../testing/bootstrap.ts";
import { RawClient, startOrigin, type Origin } from "../../../testing/origin.ts";
import { startProxy, type TestProxy } from "../../../testing/proxy.ts";
import { turnsUntil } from "../../../testing/turns.ts";

const TYPE = "type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3";
const SERVER = 'server_uri: { uri: "http://auth", cluster: auth, timeout: 5s }';

interface Rig {
  readonly proxy: TestProxy;
  readonly auth: Origin;
  readonly origin: Origin;
  client(): RawClient;
  /** The whole answer to a request on a connection of its own. */
  ask(request: string): Promise<string>;
}

interface RigOptions {
  /** What the service answers to each complete head or body; null: nothing. */
  readonly answer?: string | null;
  /** More fields of `http_service`, and of the filter. */
  readonly http?: string;
  readonly fields?: string;
  /** Filters behind it, each with a comma. */
  readonly after?: string;
}

/** A service before an upstream that says hello. */
async function start(t: TestContext, options: RigOptions = {}): Promise<Rig> {
  const {
    answer = "200 OK\r\ncontent-length: 0\r\n\r\n",
    http = "",
    fields = "",
    after = "",
  } = options;
  const [origin, auth] = await Promise.all(
    ["200 OK\r\ncontent-length: 5\r\n\r\nhello", answer].map(startServer),
  );
  // Now, as a configuration that is refused ends this function.
  t.after(() => {
    origin!.close();
    auth!.close();
  });
  const service = `http_service: { ${SERVER} ${http} }`;
  const proxy = await startProxy(
    httpBootstrap(
      `http_filters: [{ name: ea, typed_config: { "@type": ${TYPE}.ExtAuthz, ${service} ${fields} } }, ${after} ${ROUTER_FILTER}]
          route_config:
            virtual_hosts:
            - name: all
              domains: ["*"]
              routes:
              - { match: { path: /off }, route: { cluster: origin }, typed_per_filter_config: { ea: { "@type": ${TYPE}.ExtAuthzPerRoute, disabled: true } } }
              - { match: { prefix: / }, route: { cluster: origin } }`,
      [clusterYaml("origin", origin!.port), clusterYaml("auth", auth!.port)],
    ),
  );
  t.after(() => proxy.close());
  const client = (): RawClient => {
    const made = new RawClient(proxy.port("main"));
    t.after(() => made.close());
    return made;
  };
  return {
    proxy,
    auth: auth!,
    origin: origin!,
    client,
    ask: (request) => client().send(request).untilEnd(),
  };
}

/** Answers each whole request of one connection, or none of them. */
function startServer(answer: string | null): Promise<Origin> {
  return startOrigin(({ socket, received }) => {
    const [head, body] = received.split("\r\n\r\n");
    const length = Number(/content-length: (\d+)/.exec(head!)?.[1] ?? 0);
    if (body === undefined || body.length < length || answer === null) return;
    socket.write(`HTTP/1.1 ${answer}`);
  });
}

function get(path: string, headers = ""): string {
  return `GET ${path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n${headers}\r\n`;
}

function post(body: string): string {
  return `POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
}

function stat({ proxy }: Rig, name: string): number | undefined {
  return proxy.stat(`http.in.ext_authz.${name}`);
}

void test("the service sees method, path and what it may, and its headers go on with the request", async (t) => {
  const rig = await start(t, {
    answer:
      "200 OK\r\nx-user: me\r\nx-new: 1\r\nx-client: c\r\nx-envoy-auth-headers-to-remove: x-secret\r\ncontent-length: 0\r\n\r\n",
    http: ", path_prefix: /check, authorization_response: { allowed_upstream_headers: { patterns: [{ exact: x-user }] }, allowed_upstream_headers_to_append: { patterns: [{ exact: x-new }] }, allowed_client_headers_on_success: { patterns: [{ exact: x-client }] } }",
    fields: ", allowed_headers: { patterns: [{ exact: x-a }] }",
  });
  const answer = await rig.ask(
    get("/p?q", "authorization: t\r\nx-a: 1\r\nx-b: 2\r\nx-user: you\r\nx-secret: s\r\n"),
  );
  assert.match(answer, /^HTTP\/1\.1 200 OK\r\n[^]*\r\nx-client: c\r\n[^]*hello$/);
  const [asked] = rig.auth.connections.map(({ received }) => received);
  assert.match(asked!, /^GET \/check\/p\?q HTTP\/1\.1\r\nhost: a\r\n/);
  for (const line of ["authorization: t", "x-a: 1", "content-length: 0"])
    assert.ok(asked!.includes(`\r\n${line}\r\n`), line);
  assert.doesNotMatch(asked!, /x-b/);
  const { received } = rig.origin.connections[0]!;
  for (const line of ["x-user: me", "x-new: 1", "x-b: 2"])
    assert.ok(received.includes(`\r\n${line}\r\n`), line);
  assert.doesNotMatch(received, /x-secret|: you/);
  assert.equal(stat(rig, "ok"), 1);
  assert.equal(rig.proxy.stat("cluster.origin.ext_authz.ok"), 1);
});

void test("a denial goes to the client, and counts for the cluster that is spared", async (t) => {
  const rig = await start(t, {
    answer: "401 Unauthorized\r\nwww-authenticate: Basic\r\ncontent-length: 2\r\n\r\nno",
  });
  const answer = await rig.ask(get("/"));
  assert.match(answer, /^HTTP\/1\.1 401 Unauthorized\r\n[^]*www-authenticate: Basic\r\n[^]*no$/);
  assert.equal(rig.origin.connections.length, 0);
  assert.equal(stat(rig, "denied"), 1);
  assert.equal(rig.proxy.stat("cluster.origin.upstream_rq_401"), 1);
});

void test("headers of the service become metadata", async (t) => {
  const rig = await start(t, {
    answer: "200 OK\r\nx-level: 3\r\nx-other: 4\r\ncontent-length: 0\r\n\r\n",
    http: ", authorization_response: { dynamic_metadata_from_headers: { patterns: [{ exact: x-level }] } }",
    fields: ", allowed_headers: { patterns: [{ exact: x-a }] }",
    after:
      '{ name: hm, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.header_mutation.v3.HeaderMutation, mutations: { request_mutations: [{ append: { header: { key: x-told, value: "%DYNAMIC_METADATA(envoy.filters.http.ext_authz:x-level)%/%DYNAMIC_METADATA(envoy.filters.http.ext_authz:x-other)%" } } }] } } },',
  });
  await rig.ask(get("/"));
  assert.match(rig.origin.connections[0]!.received, /\r\nx-told: 3\/\r\n/);
});

void test("a response has no more headers than its upstream may send, where that is asked for", async (t) => {
  const lines = Array.from({ length: 98 }, (_, i) => `x-${i}: 1\r\n`).join("");
  const options = {
    answer: `200 OK\r\n${lines}content-length: 0\r\n\r\n`,
    http: ", authorization_response: { allowed_client_headers_on_success: { patterns: [{ prefix: x- }] } }",
  };
  const all = await (await start(t, options)).ask(get("/"));
  assert.match(all, /^HTTP\/1\.1 200 OK\r\n[^]*\r\nx-97: 1\r\n/);
  const rig = await start(t, { ...options, fields: ", enforce_response_header_limits: true" });
  const none = await rig.ask(get("/"));
  assert.match(none, /^HTTP\/1\.1 500 /);
  assert.doesNotMatch(none, /x-0/);
  assert.equal(stat(rig, "response_header_limits_reached"), 1);
});

void test("in shadow mode a denial is noted, and the request goes on as it is", async (t) => {
  const rig = await start(t, {
    answer: "401 Unauthorized\r\nlocation: /in\r\nx-user: me\r\ncontent-length: 0\r\n\r\n",
    http: ", authorization_response: { allowed_client_headers: { patterns: [{ exact: x-none }] } }",
    fields: ", shadow_mode: true",
    after:
      '{ name: hm, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.header_mutation.v3.HeaderMutation, mutations: { request_mutations: [{ append: { header: { key: x-told, value: "%FILTER_STATE(ea.shadow:PLAIN)%" } } }] } } },',
  });
  assert.match(await rig.ask(get("/")), /^HTTP\/1\.1 200 OK\r\n/);
  const { received } = rig.origin.connections[0]!;
  const told = JSON.parse(/\r\nx-told: (.*)\r\n/.exec(received)![1]!) as object;
  assert.deepEqual(told, {
    check_result: "DENIED",
    status_code: 401,
    response_headers: [
      { key: ":status", value: "401" },
      { key: "location", value: "/in" },
      { key: "content-length", value: "0" },
    ],
  });
  assert.doesNotMatch(received, /x-user/);
  assert.deepEqual([stat(rig, "denied"), stat(rig, "shadow_denied")], [1, 1]);
});

void test("a denial is cut at its limit", async (t) => {
  const rig = await start(t, {
    answer: "403 Forbidden\r\ncontent-length: 5\r\n\r\n12345",
    fields: ", max_denied_response_body_bytes: 3",
  });
  assert.match(await rig.ask(get("/")), /\r\ncontent-length: 3\r\n[^]*\r\n\r\n123$/);
});

void test("a service that fails denies, or lets pass", async (t) => {
  const answer = "500 Oh\r\ncontent-length: 0\r\n\r\n";
  const closed = await start(t, { answer, fields: ", status_on_error: { code: 503 }" });
  assert.match(await closed.ask(get("/")), /^HTTP\/1\.1 503 /);
  assert.equal(stat(closed, "error"), 1);
  const open = await start(t, {
    answer,
    fields: ", failure_mode_allow: true, failure_mode_allow_header_add: true",
  });
  assert.match(await open.ask(get("/")), /^HTTP\/1\.1 200 /);
  assert.match(
    open.origin.connections[0]!.received,
    /\r\nx-envoy-auth-failure-mode-allowed: true\r\n/,
  );
  assert.equal(stat(open, "failure_mode_allowed"), 1);
});

void test("the service is told the body as far as it goes", async (t) => {
  const body = (rest: string): string => `, with_request_body: { max_request_bytes: 4 ${rest} }`;
  const whole = await start(t, { fields: body("") });
  assert.match(await whole.ask(post("abcd")), /^HTTP\/1\.1 200 /);
  assert.match(
    whole.auth.connections[0]!.received,
    /\r\nx-envoy-auth-partial-body: false\r\n[^]*\r\n\r\nabcd$/,
  );
  assert.ok(whole.origin.connections[0]!.received.endsWith("\r\n\r\nabcd"));
  assert.match(await whole.ask(post("abcde")), /^HTTP\/1\.1 413 /);
  const part = await start(t, { fields: body(", allow_partial_message: true") });
  assert.match(await part.ask(post("abcde")), /^HTTP\/1\.1 200 /);
  assert.match(
    part.auth.connections[0]!.received,
    /\r\nx-envoy-auth-partial-body: true\r\n[^]*\r\n\r\nabcd$/,
  );
  assert.ok(part.origin.connections[0]!.received.endsWith("\r\n\r\nabcde"));
});

void test("a route may pass the service by, and requests that it is not for", async (t) => {
  const answer = "403 Forbidden\r\ncontent-length: 0\r\n\r\n";
  const rig = await start(t, { answer });
  assert.match(await rig.ask(get("/off")), /^HTTP\/1\.1 200 /);
  const none = await start(t, { answer, fields: ", filter_enabled: { default_value: {} }" });
  assert.match(await none.ask(get("/")), /^HTTP\/1\.1 200 /);
  assert.equal(stat(none, "disabled"), 1);
  assert.equal(rig.auth.connections.length + none.auth.connections.length, 0);
});

void test("who leaves while the service thinks leaves nothing behind", async (t) => {
  const rig = await start(t, { answer: null });
  const client = rig.client().send(get("/"));
  await turnsUntil(() => rig.auth.connections[0]?.received.endsWith("\r\n\r\n") === true);
  client.close();
  await turnsUntil(() => rig.proxy.stat("cluster.auth.upstream_rq_active") === 0);
  assert.equal(rig.proxy.stat("cluster.auth.upstream_cx_destroy_local_with_active_rq"), 1);
  assert.deepEqual(rig.proxy.exceptions, []);
});

void test("what cannot be is refused", async (t) => {
  await assert.rejects(start(t, { http: ", path_prefix: check" }), /path_prefix should start with/);
  await assert.rejects(
    start(t, {
      http: ", authorization_request: { allowed_headers: { patterns: [{ exact: a }] } }",
      fields: ", allowed_headers: { patterns: [{ exact: b }] }",
    }),
    /Invalid duplicate configuration for allowed_headers\./,
  );
});
