import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CLIENT_PREFACE,
  GET,
  headers,
  settings,
  windowUpdate,
} from "@nuncio/codec/testing/http2-frames";
import { testAccessLog } from "../../../testing/access-log.ts";
import { FramePeer } from "../../../testing/frame-peer.ts";
import { startHttp2Rig } from "../../../testing/http2-rig.ts";
import { turnsUntil } from "../../../testing/turns.ts";

const INITIAL_WINDOW_SIZE = 4;
const REPLY = "stream timeout";

void test("behind a reply from here nobody waits for the origin, while the client takes its time", async (t) => {
  const log = testAccessLog(t, "%RESPONSE_CODE% %RESPONSE_CODE_DETAILS% %BYTES_SENT%");
  const { peer, proxy } = await startHttp2Rig(t, {
    answer() {},
    hcm: log.yaml,
    route: "timeout: 0s, idle_timeout: 0.05s, flush_timeout: 0s",
  });
  const client: FramePeer = peer();
  client.send(CLIENT_PREFACE + settings([INITIAL_WINDOW_SIZE, 0]) + headers(1, GET));
  await client.until(() => client.statuses.length > 0);
  assert.deepEqual(client.statuses, ["504"]);
  assert.equal(proxy.stat("cluster.origin.upstream_rq_active"), 0);
  assert.equal(proxy.stat("http.in.downstream_rq_active"), 1);
  client.send(windowUpdate(1, REPLY.length));
  await turnsUntil(() => log.lines().length === 1);
  assert.equal(client.dataBytes, REPLY.length);
  assert.deepEqual(log.lines(), [`504 stream_idle_timeout ${REPLY.length}`]);
  assert.equal(proxy.stat("http.in.downstream_rq_2xx"), 0);
});
