import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { testAccessLog } from "../../testing/access-log.ts";
import { clusterYaml, httpBootstrap } from "../../testing/bootstrap.ts";
import { startHttpRig } from "../../testing/http-rig.ts";
import { RawClient, startOrigin } from "../../testing/origin.ts";
import { startProxy } from "../../testing/proxy.ts";
import { turnsUntil } from "../../testing/turns.ts";

const GET = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";

/** The lines that `upstream_log` has of one request, in this format. */
async function attemptLine(t: TestContext, format: string): Promise<string> {
  const log = testAccessLog(t, format);
  const origin = await startOrigin();
  const type = "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router";
  const logs = log.yaml.replace("access_log:", "upstream_log:");
  const proxy = await startProxy(
    httpBootstrap(
      `http_filters: [{ name: router, typed_config: { "@type": ${type}, ${logs} } }]
          route_config:
            virtual_hosts:
            - name: all
              domains: ["*"]
              routes: [{ match: { prefix: / }, route: { cluster: origin } }]`,
      [clusterYaml("origin", origin.port)],
    ),
  );
  const client = new RawClient(proxy.port("main"));
  t.after(() => {
    client.close();
    origin.close();
    proxy.close();
  });
  await client.send(GET).until((received) => received.endsWith("hello"));
  proxy.post({ kind: "reopen_logs" });
  await turnsUntil(() => log.lines().length > 0);
  return log.lines().join();
}

void test("an attempt knows when it was sent and when its response was whole, and has no stream id", async (t) => {
  const points = ["DS_RX_BEG:US_TX_BEG", "US_TX_BEG:US_TX_END", "US_RX_BEG:US_RX_END"];
  const format = points.map((span) => `%COMMON_DURATION(${span}:ms)%`).join(" ");
  assert.match(await attemptLine(t, `${format} %STREAM_ID%`), /^\d+ \d+ \d+ -$/);
});

void test("a response that did not come has no bytes of the one before it on the connection", async (t) => {
  const log = testAccessLog(t, "%UPSTREAM_HEADER_BYTES_RECEIVED%");
  const { client, proxy } = await startHttpRig(t, {
    hcm: log.yaml,
    route: ", timeout: 0.02s",
    answer: ({ socket, received }) => {
      if (received.split("GET").length > 2) return;
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello");
    },
  });
  const sender = client();
  await sender.send(GET).until((received) => received.endsWith("hello"));
  await sender.send(GET).until((received) => received.includes("504"));
  proxy.post({ kind: "reopen_logs" });
  await turnsUntil(() => log.lines().length === 2);
  // Names and values with a byte between: `content-length`, `5`, and what ends the head.
  assert.deepEqual(log.lines(), ["18", "0"]);
});
