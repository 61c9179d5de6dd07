import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { startHttpRig, type HttpRig } from "../../../testing/http-rig.ts";

const TYPE = "type.googleapis.com/envoy.extensions.filters.http.health_check.v3.HealthCheck";
const PATH = 'headers: [{ name: ":path", string_match: { exact: /hc } }]';

function start(t: TestContext, fields: string): Promise<HttpRig> {
  return startHttpRig(t, {
    filters: `{ name: hc, typed_config: { "@type": ${TYPE}, ${fields} } }`,
  });
}

/** The head of the answer to one request on a connection of its own. */
async function headOf(rig: HttpRig, path: string, method = "GET", body = ""): Promise<string> {
  const framing = body === "" ? "" : `content-length: ${body.length}\r\n`;
  const client = rig
    .client()
    .send(`${method} ${path} HTTP/1.1\r\nhost: a\r\n${framing}\r\n${body}`);
  const text = await client.until((received) => received.includes("\r\n\r\n"));
  return text.slice(0, text.indexOf("\r\n\r\n") + 2);
}

function stat({ proxy }: HttpRig, name: string): number | undefined {
  return proxy.stat(`http.in.${name}`);
}

void test("health checks are answered from here, and are no traffic", async (t) => {
  const rig = await start(t, `pass_through_mode: false, ${PATH}`);
  for (const head of [await headOf(rig, "/hc"), await headOf(rig, "/hc", "POST", "hello")]) {
    assert.match(head, /^HTTP\/1\.1 200 OK\r\n/);
    assert.match(head, /\r\nx-envoy-upstream-healthchecked-cluster:/);
  }
  assert.equal(rig.origin.connections.length, 0);
  assert.equal(stat(rig, "downstream_rq_2xx"), 0);
  assert.doesNotMatch(await headOf(rig, "/"), /x-envoy-upstream-healthchecked-cluster/);
  assert.equal(stat(rig, "downstream_rq_2xx"), 1);
  assert.deepEqual(
    ["request_total", "ok", "failed"].map((name) => stat(rig, `health_check.${name}`)),
    [2, 2, 0],
  );
});

void test("a server that was told to fail fails, whatever the mode, and tells it with each response", async (t) => {
  for (const mode of [`pass_through_mode: false`, `pass_through_mode: true, cache_time: 600s`]) {
    const rig = await start(t, `${mode}, ${PATH}`);
    rig.proxy.post({ kind: "health_check_failed", failed: true });
    for (const [path, code] of [
      ["/hc", 503],
      ["/", 200],
    ] as const) {
      const head = await headOf(rig, path);
      assert.ok(head.startsWith(`HTTP/1.1 ${code} `), head);
      assert.match(head, /\r\nx-envoy-immediate-health-check-fail: true\r\n/);
    }
    assert.equal(stat(rig, "health_check.failed"), 1);
    rig.proxy.post({ kind: "health_check_failed", failed: false });
    // With a cache that answer is kept, too.
    const after = mode.includes("cache_time") ? 503 : 200;
    assert.ok((await headOf(rig, "/hc")).startsWith(`HTTP/1.1 ${after} `));
    assert.doesNotMatch(await headOf(rig, "/"), /x-envoy-immediate-health-check-fail/);
  }
});

void test("what the upstream says is kept", async (t) => {
  const rig = await start(t, `pass_through_mode: true, cache_time: 600s, ${PATH}`);
  assert.match(await headOf(rig, "/hc"), /^HTTP\/1\.1 200 /);
  assert.equal(rig.origin.connections.length, 1);
  assert.match(await headOf(rig, "/hc"), /^HTTP\/1\.1 200 /);
  assert.equal(rig.proxy.stat("cluster.origin.upstream_rq_total"), 1);
  assert.equal(stat(rig, "health_check.cached_response"), 1);
});

void test("too few hosts of a cluster are a failure", async (t) => {
  const clusters = (content: string): string =>
    `pass_through_mode: false, ${PATH}, cluster_min_healthy_percentages: { ${content} }`;
  const good = await start(t, clusters("origin: { value: 100 }"));
  assert.match(await headOf(good, "/hc"), /^HTTP\/1\.1 200 /);
  const none = await start(t, clusters("origin: { value: 100 }, none: { value: 0 }"));
  assert.match(await headOf(none, "/hc"), /^HTTP\/1\.1 503 /);
  assert.equal(stat(none, "health_check.failed_cluster_not_found"), 1);
});

void test("an answer from here is not kept", async (t) => {
  await assert.rejects(
    start(t, "pass_through_mode: false, cache_time: 1s"),
    /cache_time_ms must not be set when path_through_mode is disabled/,
  );
});
