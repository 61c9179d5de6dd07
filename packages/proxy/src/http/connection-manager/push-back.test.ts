import assert from "node:assert/strict";
import { test } from "node:test";
import { startHttpRig } from "../../testing/http-rig.ts";
import { turnsUntil } from "../../testing/turns.ts";

/** `per_connection_buffer_limit_bytes`, unless a listener says otherwise. */
const LIMIT_BYTES = 1024 * 1024;

void test("a stream that ends while its client is made to wait lets it go once", async (t) => {
  const { client, proxy } = await startHttpRig(t, {
    answer: () => {},
    route: ", idle_timeout: 0.5s",
    cluster: "circuit_breakers: { thresholds: [{ max_connections: 1 }] }",
  });
  const holder = client().send(
    "POST / HTTP/1.1\r\nhost: a.test\r\ntransfer-encoding: chunked\r\n\r\n",
  );
  await turnsUntil(() => {
    holder.send("1\r\nx\r\n");
    return proxy.stat("cluster.origin.upstream_rq_active") === 1;
  });
  // Its last byte is one too many to wait for a connection.
  const waiting = client().send(
    `POST / HTTP/1.1\r\nhost: a.test\r\ncontent-length: ${LIMIT_BYTES + 1}\r\n\r\n${"x".repeat(LIMIT_BYTES + 1)}`,
  );
  await turnsUntil(() => {
    holder.send("1\r\nx\r\n");
    return waiting.received !== "";
  });
  assert.match(waiting.received, /^HTTP\/1\.1 504 .*stream timeout$/s);
  assert.equal(proxy.stat("http.in.downstream_flow_control_paused_reading_total"), 1);
  assert.equal(proxy.stat("http.in.downstream_flow_control_resumed_reading_total"), 1);
});
