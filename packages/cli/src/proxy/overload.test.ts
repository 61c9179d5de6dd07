import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";

const MAIN = join(import.meta.dirname, "../../bin/nuncio.mjs");
const TYPE = "type.googleapis.com/envoy.extensions";
const MIB = 1024 * 1024;
/** What the proxy may hold, and what one client that does not read makes it hold. */
const LIMIT_BYTES = 400 * MIB;
const RESPONSE_BYTES = 16 * MIB;
/** As many as would take three times the limit. */
const CLIENTS_MAX = (3 * LIMIT_BYTES) / RESPONSE_BYTES;

function config(originPort: number): string {
  return `
admin: { address: { socket_address: { address: 127.0.0.1, port_value: 0 } } }
overload_manager:
  refresh_interval: 0.05s
  resource_monitors:
  - name: heap
    typed_config: { "@type": ${TYPE}.resource_monitors.fixed_heap.v3.FixedHeapConfig, max_heap_size_bytes: ${LIMIT_BYTES} }
  actions:
  - name: envoy.overload_actions.stop_accepting_requests
    triggers: [{ name: heap, threshold: { value: 0.9 } }]
  - name: envoy.overload_actions.shrink_heap
    triggers: [{ name: heap, threshold: { value: 0.9 } }]
    typed_config: { "@type": type.googleapis.com/envoy.config.overload.v3.ShrinkHeapConfig, timer_interval: 1s }
static_resources:
  listeners:
  - name: main
    address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
    per_connection_buffer_limit_bytes: ${2 * RESPONSE_BYTES}
    filter_chains:
    - filters:
      - name: hcm
        typed_config:
          "@type": ${TYPE}.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: in
          http_filters: [{ name: router, typed_config: { "@type": ${TYPE}.filters.http.router.v3.Router } }]
          route_config:
            virtual_hosts:
            - name: all
              domains: ["*"]
              routes: [{ match: { prefix: / }, route: { cluster: origin, timeout: 0s } }]
  clusters:
  - name: origin
    per_connection_buffer_limit_bytes: ${2 * RESPONSE_BYTES}
    load_assignment:
      cluster_name: origin
      endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: ${originPort} } } } }] }]
`;
}

/** Answers `/big` with much, and everything else with little. */
async function startOrigin(t: TestContext): Promise<number> {
  const big = Buffer.alloc(RESPONSE_BYTES, "x");
  const server = http.createServer((request, response) => {
    response.end(request.url === "/big" ? big : "little");
  });
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as net.AddressInfo).port;
}

async function get(port: number, path: string): Promise<{ status: number; body: string }> {
  const request = http.get({ host: "127.0.0.1", port, path, agent: false });
  const [response] = (await once(request, "response")) as [http.IncomingMessage];
  let body = "";
  for await (const chunk of response.setEncoding("utf8")) body += String(chunk);
  return { status: response.statusCode ?? 0, body };
}

async function startProxy(
  t: TestContext,
): Promise<{ child: ChildProcess; port: number; adminPort: number }> {
  const folder = mkdtempSync(join(tmpdir(), "nuncio-memory-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const [file, address] = [join(folder, "p.yaml"), join(folder, "admin")];
  writeFileSync(file, config(await startOrigin(t)));
  const args = [MAIN, "proxy", "-c", file, "--concurrency", "1", "--disable-hot-restart"];
  const child = spawn(process.execPath, [...args, "--admin-address-path", address], {
    stdio: "ignore",
  });
  t.after(() => child.kill("SIGKILL"));
  const exited = once(child, "exit").then(() => assert.fail("the proxy died"));
  exited.catch(() => {});
  while (!existsSync(address) || readFileSync(address, "utf8") === "") await turn();
  const adminPort = Number(readFileSync(address, "utf8").split(":").at(-1));
  while ((await get(adminPort, "/ready")).status !== 200) await turn();
  const listeners = await get(adminPort, "/listeners");
  return { child, port: Number(/:(\d+)\s*$/.exec(listeners.body)![1]), adminPort };
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

void test("memory that runs short is an answer of 503, not the end of the process, and comes back", async (t) => {
  const { child, port, adminPort } = await startProxy(t);
  assert.deepEqual(await get(port, "/"), { status: 200, body: "little" });
  const clients: net.Socket[] = [];
  t.after(() => {
    for (const client of clients) client.destroy();
  });
  let refused = "";
  while (refused === "" && clients.length < CLIENTS_MAX) {
    const client = net.connect(port, "127.0.0.1");
    clients.push(client);
    client.pause();
    client.on("error", () => {});
    client.write("GET /big HTTP/1.1\r\nhost: a\r\n\r\n");
    // Until the proxy has all of this response, or says no.
    while (refused === "" && (await received(adminPort)) < clients.length * RESPONSE_BYTES) {
      const { status, body } = await get(port, "/");
      if (status === 503) refused = body;
    }
  }
  t.diagnostic(`refused at ${clients.length} clients`);
  assert.equal(refused, "envoy overloaded");
  assert.equal(child.exitCode, null);
  const held = Number(
    /"heap_size": *"?(\d+)/.exec((await get(adminPort, "/memory")).body)?.[1] ?? 0,
  );
  assert.ok(held < 2 * LIMIT_BYTES, `${held} bytes`);
  for (const client of clients) client.destroy();
  while ((await get(port, "/")).status !== 200) await turn();
  assert.equal(child.exitCode, null);
});

/** Bytes of responses that the proxy has read. */
async function received(adminPort: number): Promise<number> {
  const { body } = await get(adminPort, "/stats?filter=cluster.origin.upstream_cx_rx_bytes_total");
  return Number(/: (\d+)/.exec(body)?.[1] ?? 0);
}
