import assert from "node:assert/strict";
import { test } from "node:test";
import { startHttpRig } from "../testing/http-rig.ts";

const CEL = "envoy.extensions.formatter.cel.v3.Cel";
const REPLY = `local_reply_config:
            body_format:
              formatters:
              - name: cel
                typed_config: { "@type": type.googleapis.com/${CEL}, cel_config: { enable_string_concat: true } }
              json_format: { path: "%CEL(request.path + '!')%", code: "%TYPED_CEL(response.code)%" }`;

void test("expressions run in local replies, each on its own stream", async (t) => {
  const { client, proxy } = await startHttpRig(t, { hcm: REPLY });
  const peer = client();
  for (const path of ["/none/1", "/none/2"]) {
    peer.send(`GET ${path} HTTP/1.1\r\nhost: a\r\n\r\n`);
    const line = `{"code":404,"path":"${path}!"}\n`;
    const text = await peer.until((received) => received.endsWith(line));
    assert.ok(text.includes("\r\ncontent-type: application/json\r\n"));
  }
  assert.deepEqual(proxy.exceptions, []);
});
