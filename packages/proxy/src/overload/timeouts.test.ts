import assert from "node:assert/strict";
import { test } from "node:test";
import { action, scaled, startOverloadRig } from "./testing/overload-rig.ts";

const TYPE = "type.googleapis.com/envoy.config.overload.v3.ScaleTimersOverloadActionConfig";

function reduce(timer: string): string {
  const config = `, typed_config: { "@type": ${TYPE}, timer_scale_factors: [{ timer: ${timer}, min_timeout: 0.02s }] }`;
  return action("reduce_timeouts", scaled(0.5, 0.9), config);
}

void test("idle connections end sooner under pressure, those that are idle already as well", async (t) => {
  const rig = await startOverloadRig(t, {
    overload: reduce("HTTP_DOWNSTREAM_CONNECTION_IDLE"),
    hcm: "drain_timeout: 0.02s\n          delayed_close_timeout: 0.02s",
  });
  const used = rig.client();
  assert.match(await rig.ask(used, "/", "hi"), /^HTTP\/1\.1 200 /);
  const fresh = rig.client();
  await new Promise((resolve) => fresh.socket.once("connect", resolve));
  assert.equal(rig.proxy.stat("http.in.downstream_cx_idle_timeout"), 0);
  rig.press(1);
  await Promise.all([used.untilEnd(), fresh.untilEnd(), rig.client().untilEnd()]);
  assert.equal(rig.proxy.stat("http.in.downstream_cx_idle_timeout"), 3);
});

void test("so do requests that nothing happens on, and connections by their age", async (t) => {
  const stream = await startOverloadRig(t, { overload: reduce("HTTP_DOWNSTREAM_STREAM_IDLE") });
  stream.press(1);
  const client = stream.client();
  client.send("GET / HTTP/1.1\r\nhost: a\r\n");
  assert.match(await client.until((text) => text.endsWith("stream timeout")), /^HTTP\/1\.1 408 /);
  const aged = await startOverloadRig(t, {
    overload: reduce("HTTP_DOWNSTREAM_CONNECTION_MAX"),
    hcm: "drain_timeout: 0.02s\n          delayed_close_timeout: 0.02s\n          common_http_protocol_options: { max_connection_duration: 3600s }",
  });
  aged.press(1);
  const old = aged.client();
  assert.match(await aged.ask(old, "/", "hi"), /^HTTP\/1\.1 200 /);
  await old.untilEnd();
  assert.equal(aged.proxy.stat("http.in.downstream_cx_max_duration_reached"), 1);
});
