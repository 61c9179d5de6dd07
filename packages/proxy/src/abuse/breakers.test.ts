import assert from "node:assert/strict";
import { test } from "node:test";
import { type Fields, FrameType, GET, headers } from "@nuncio/codec/testing/http2-frames";
import { turnsUntil } from "../testing/turns.ts";
import { EvilHttp2Host, http2Cluster } from "./testing/evil-host.ts";
import { startAbuseRig } from "./testing/rig.ts";

const EVIL: Fields = GET.map(([name, value]) => [name, name === ":path" ? "/evil" : value]);

void test("max_requests holds on one connection of HTTP/2, exactly", async (t) => {
  const host = new EvilHttp2Host(t);
  const breakers = "circuit_breakers: { thresholds: [{ max_requests: 5 }] }";
  const evilCluster = `${http2Cluster()}, ${breakers}`;
  const rig = await startAbuseRig(t, { evilPort: await host.port, evilCluster });
  const client = rig.attacker();
  for (let i = 0; i < 8; i++) client.send(headers(2 * i + 1, EVIL));
  await client.until(() => client.statuses.length === 3);
  await turnsUntil(() => host.peers[0]?.frames[FrameType.Headers] === 5);
  assert.deepEqual(client.statuses, ["503", "503", "503"]);
  assert.equal(rig.proxy.stat("cluster.evil.upstream_rq_active"), 5);
  assert.equal(rig.proxy.stat("cluster.evil.upstream_rq_active_overflow"), 3);
  assert.equal(rig.proxy.stat("cluster.evil.upstream_cx_active"), 1);
  client.close();
  await turnsUntil(() => rig.proxy.stat("cluster.evil.upstream_rq_active") === 0);
  await rig.bystander.isServed();
});

void test("max_pending_requests and max_connections hold for a burst, exactly", async (t) => {
  const cluster =
    "circuit_breakers: { thresholds: [{ max_connections: 2, max_pending_requests: 3 }] }";
  const rig = await startAbuseRig(t, { cluster });
  const client = rig.attacker();
  const hang: Fields = GET.map(([name, value]) => [name, name === ":path" ? "/hang" : value]);
  let burst = "";
  for (let i = 0; i < 10; i++) burst += headers(2 * i + 1, hang);
  client.send(burst);
  await client.until(() => client.statuses.length === 7);
  assert.deepEqual([...new Set(client.statuses)], ["503"]);
  // Those that waited got their connections; one still waits for the third, which may not be.
  await turnsUntil(() => rig.proxy.stat("cluster.slow.upstream_rq_active") === 2);
  assert.equal(rig.proxy.stat("cluster.slow.upstream_rq_pending_overflow"), 7);
  assert.equal(rig.proxy.stat("cluster.slow.upstream_rq_pending_active"), 1);
  assert.equal(rig.proxy.stat("cluster.slow.upstream_cx_active"), 2);
  assert.ok(rig.proxy.stat("cluster.slow.upstream_cx_overflow")! >= 1);
  client.close();
  await turnsUntil(() => rig.proxy.stat("cluster.slow.upstream_rq_pending_active") === 0);
  await rig.bystander.isServed();
});
