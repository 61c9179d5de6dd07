import assert from "node:assert/strict";
import { test } from "node:test";
import { CLIENT_PREFACE, settings } from "@nuncio/codec/testing/http2-frames";
import { FramePeer } from "../testing/frame-peer.ts";
import { loadShedPoint, startOverloadRig, threshold } from "./testing/overload-rig.ts";

const HCM = "delayed_close_timeout: 0.05s";

void test("HTTP/1 is not read under pressure", async (t) => {
  const rig = await startOverloadRig(t, {
    overload: loadShedPoint("http1_server_abort_dispatch", threshold(0.9)),
    hcm: HCM,
  });
  const kept = rig.client();
  assert.match(await rig.ask(kept, "/", "hi"), /^HTTP\/1\.1 200 /);
  const half = rig.client();
  half.send("GET / HT");
  while (rig.proxy.stat("http.in.downstream_rq_total") !== 2)
    await new Promise((resolve) => setImmediate(resolve));
  rig.press(1);
  kept.received = "";
  for (const client of [kept.send("GET / HTTP/1.1\r\n"), half.send("TP/1.1\r\n")]) {
    const text = await client.untilEnd();
    assert.match(text, /^HTTP\/1\.1 500 [^]*connection: close\r\n\r\nInternal Server Error$/);
  }
  assert.equal(rig.proxy.stat("http.in.downstream_rq_overload_close"), 2);
  assert.equal(rig.proxy.stat("http.in.downstream_cx_protocol_error"), 0);
  assert.deepEqual(rig.proxy.exceptions, []);
});

void test("a connection whose first bytes come under pressure is closed without an answer", async (t) => {
  const rig = await startOverloadRig(t, {
    overload: loadShedPoint("hcm_ondata_creating_codec", threshold(0.9)),
    hcm: HCM,
  });
  const kept = rig.client();
  assert.match(await rig.ask(kept, "/", "hi"), /^HTTP\/1\.1 200 /);
  rig.press(1);
  assert.match(await rig.ask(kept, "/", "hi"), /^HTTP\/1\.1 200 /, "it has its codec");
  const fresh = rig.client();
  fresh.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
  assert.equal(await fresh.untilEnd(), "");
  assert.equal(rig.proxy.stat("http.in.downstream_rq_overload_close"), 1);
  assert.equal(
    rig.proxy.stat("overload.envoy.load_shed_points.hcm_ondata_creating_codec.shed_load_count"),
    1,
  );
});

/** A client of HTTP/2 that has sent its preface. */
function peerOf(port: number): FramePeer {
  return FramePeer.connect(port).send(CLIENT_PREFACE + settings());
}

void test("GOAWAY is said under pressure, and the connection goes on", async (t) => {
  const rig = await startOverloadRig(t, {
    overload: loadShedPoint("http2_server_go_away_on_dispatch", threshold(0.9)),
    hcm: "drain_timeout: 0.05s",
  });
  rig.press(1);
  const peer = peerOf(rig.proxy.port("main"));
  t.after(() => peer.close());
  await peer.until(() => peer.goAwayCode !== null);
  assert.equal(peer.goAwayCode, 0);
  assert.equal(peer.ended, false);
  await peer.until(() => false);
  assert.match(await rig.ask(rig.client(), "/", "hi"), /connection: close/, "HTTP/1 likewise");
});

void test("or it ends at once", async (t) => {
  const rig = await startOverloadRig(t, {
    overload: loadShedPoint("http2_server_go_away_and_close_on_dispatch", threshold(0.9)),
    hcm: HCM,
  });
  rig.press(1);
  const peer = peerOf(rig.proxy.port("main"));
  t.after(() => peer.close());
  await peer.until(() => false);
  const goAways = peer.lines.filter((line) => line.startsWith("GOAWAY"));
  assert.equal(goAways.length, 2, peer.lines.join("\n"));
  const client = rig.client();
  client.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
  assert.equal(await client.untilEnd(), "");
  assert.equal(rig.proxy.stat("http.in.downstream_rq_total"), 0);
});
