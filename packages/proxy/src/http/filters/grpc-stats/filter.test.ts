import assert from "node:assert/strict";
import { test } from "node:test";
import { startHttpRig } from "../../../testing/http-rig.ts";

const TYPE = "type.googleapis.com/envoy.extensions.filters.http.grpc_stats.v3.FilterConfig";
const TRAILERS = `typed_extension_protocol_options: { envoy.extensions.upstreams.http.v3.HttpProtocolOptions: { "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions, explicit_http_config: { http_protocol_options: { enable_trailers: true } } } }`;

void test("calls and messages are counted by method, with their time", async (t) => {
  const { client, proxy } = await startHttpRig(t, {
    filters: `{ name: stats, typed_config: { "@type": ${TYPE}, stats_for_all_methods: true, enable_upstream_stats: true } }`,
    cluster: TRAILERS,
    answer({ socket, received }) {
      if (!received.endsWith("x")) return;
      socket.write(
        "HTTP/1.1 200 OK\r\ncontent-type: application/grpc\r\ntransfer-encoding: chunked\r\n\r\n" +
          "b\r\n\0\0\0\0\0\0\0\0\0\x01a\r\n0\r\ngrpc-status: 9\r\n\r\n",
      );
    },
  });
  await client()
    .send(
      "POST /p.S/M HTTP/1.1\r\nhost: a\r\ncontent-type: application/grpc\r\ncontent-length: 6\r\n\r\n\0\0\0\0\x01x",
    )
    .until((received) => received.endsWith("\r\n0\r\n\r\n"));
  const stat = (name: string): number | undefined =>
    proxy.stat(`cluster.origin.grpc.p.S.M.${name}`);
  assert.equal(stat("9"), 1);
  assert.equal(stat("failure"), 1);
  assert.equal(stat("success"), undefined);
  assert.equal(stat("total"), 1);
  assert.equal(stat("request_message_count"), 1);
  assert.equal(stat("response_message_count"), 2);
});
