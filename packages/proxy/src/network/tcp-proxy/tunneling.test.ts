import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { FrameType, headers, OK } from "@nuncio/codec/testing/http2-frames";
import { ROUTER_FILTER } from "../../testing/bootstrap.ts";
import { assertHeldBack } from "../../testing/held-back.ts";
import { startFrameHost, WIDE } from "../../testing/http2-rig.ts";
import { startProxy, type TestProxy } from "../../testing/proxy.ts";
import {
  filter,
  readBytes,
  readToEnd,
  startTcpRig,
  startTcpServer,
} from "../../testing/tcp-rig.ts";
import { turnsUntil } from "../../testing/turns.ts";

const MIB = 1024 * 1024;
const WAIT = { timeout: 60_000 };
const SPOKEN = { h1: "http_protocol_options", h2: "http2_protocol_options" };
type Spoken = keyof typeof SPOKEN;

/** A proxy that ends tunnels, before a server; and one before it that puts connections into them. */
interface Chain {
  readonly entry: TestProxy;
  readonly exit: TestProxy;
  connect(): Promise<net.Socket>;
}

interface ChainOptions {
  readonly spoken: Spoken;
  /** Of a server that speaks TCP. */
  readonly port: number;
  readonly tunnel?: string;
  readonly proxy?: string;
  /** The address between the proxies, in flow style; `PORT` is the port there. */
  readonly between?: string;
  readonly listen?: string;
}

async function startChain(t: TestContext, options: ChainOptions): Promise<Chain> {
  const { spoken, port, tunnel = "hostname: inner:1", proxy = "" } = options;
  const { listen = ipv4("0"), between = ipv4("PORT") } = options;
  const config = "connect_config: { allow_post: true }";
  const route = `route: { cluster: up, upgrade_configs: [{ upgrade_type: CONNECT, ${config} }] }`;
  const routes = `{ match: { connect_matcher: {} }, ${route} }, { match: { prefix: / }, ${route} }`;
  const manager = filter(
    "http_connection_manager.v3.HttpConnectionManager",
    `stat_prefix: in, http_filters: [${ROUTER_FILTER}], upgrade_configs: [{ upgrade_type: CONNECT }],
     route_config: { virtual_hosts: [{ name: all, domains: ["*"], routes: [${routes}] }] }`,
  );
  const exit = await startProxy(bootstrap(listen, manager, ipv4(String(port)), ""));
  t.after(() => exit.close());
  const options2 = `typed_extension_protocol_options: { envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {
    "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions,
    explicit_http_config: { ${SPOKEN[spoken]}: {} } } }`;
  const tcp = filter(
    "tcp_proxy.v3.TcpProxy",
    `stat_prefix: t, cluster: up, tunneling_config: { ${tunnel} } ${proxy}`,
  );
  const middle = between.replace("PORT", String(exit.port("main")));
  const entry = await startProxy(bootstrap(ipv4("0"), tcp, middle, `, ${options2}`));
  const clients: net.Socket[] = [];
  t.after(() => {
    for (const client of clients) client.destroy();
    entry.close();
  });
  return {
    entry,
    exit,
    async connect() {
      const socket = net.connect({
        port: entry.port("main"),
        host: "127.0.0.1",
        allowHalfOpen: true,
      });
      clients.push(socket);
      socket.on("error", () => {});
      await once(socket, "connect");
      return socket;
    },
  };
}

function ipv4(port: string): string {
  return `{ socket_address: { address: 127.0.0.1, port_value: ${port} } }`;
}

function bootstrap(listen: string, chain: string, host: string, cluster: string): string {
  const hosts = `endpoints: [{ lb_endpoints: [{ endpoint: { address: ${host} } }] }]`;
  return `static_resources:
  listeners: [{ name: main, address: ${listen}, filter_chains: [{ filters: [${chain}] }] }]
  clusters: [{ name: up, load_assignment: { cluster_name: up, ${hosts} } ${cluster} }]`;
}

const POST = "hostname: inner:1, use_post: true, post_path: /tunnel";

for (const [spoken, tunnel] of [["h1"], ["h2"], ["h1", POST], ["h2", POST]] as const) {
  const name = `${spoken}${tunnel === undefined ? "" : ", POST"}`;

  void test(`${name}: bytes pass a tunnel both ways, and half closes`, WAIT, async (t) => {
    const server = await startTcpServer(t);
    const chain = await startChain(t, {
      spoken,
      port: server.port,
      tunnel: tunnel ?? "hostname: inner:1",
    });
    const client = await chain.connect();
    const upstream = await server.accept();
    client.end("question");
    assert.deepEqual(await readToEnd(upstream), { data: Buffer.from("question"), reset: false });
    // FIN is the end of a connection of HTTP/1 to the exit, as it is to Envoy; so there is no answer left to come.
    const answer = name === "h1" ? "" : "answer";
    upstream.end(answer);
    assert.deepEqual(await readToEnd(client), { data: Buffer.from(answer), reset: false });
    await turnsUntil(() => chain.entry.stat("listener.127.0.0.1_0.downstream_cx_active") === 0);
    await turnsUntil(() => chain.entry.stat("cluster.up.upstream_rq_active") === 0);
    await turnsUntil(() => chain.exit.stat("http.in.downstream_rq_active") === 0);
    await turnsUntil(() => chain.exit.stat("cluster.up.upstream_cx_active") === 0);
    assert.deepEqual([...chain.entry.exceptions, ...chain.exit.exceptions], []);
  });
}

for (const spoken of ["h1", "h2"] as const) {
  void test(
    `${spoken}: a server that does not read stops the client, and loses nothing`,
    WAIT,
    async (t) => {
      const server = await startTcpServer(t);
      const chain = await startChain(t, { spoken, port: server.port });
      const client = await chain.connect();
      const upstream = await server.accept();
      const paused = "tcp.t.downstream_flow_control_paused_reading_total";
      await assertHeldBack(client, upstream, 128 * MIB, () => chain.entry.stat(paused)! > 0);
    },
  );

  void test(`${spoken}: HTTP goes through a tunnel like anything else`, WAIT, async (t) => {
    const server = await startTcpServer(t);
    const chain = await startChain(t, { spoken, port: server.port });
    const client = await chain.connect();
    client.write("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
    const upstream = await server.accept();
    assert.equal((await readBytes(upstream, 27)).toString(), "GET / HTTP/1.1\r\nhost: a\r\n\r\n");
    upstream.write("HTTP/1.1 204 No Content\r\n\r\n");
    assert.equal((await readBytes(client, 27)).toString(), "HTTP/1.1 204 No Content\r\n\r\n");
  });

  void test(
    `${spoken}: a tunnel that is refused is tried again, then the client is let go`,
    WAIT,
    async (t) => {
      const gone = await startTcpServer(t);
      gone.close();
      const chain = await startChain(t, {
        spoken,
        port: gone.port,
        proxy: ", max_connect_attempts: 3",
      });
      const client = await chain.connect();
      assert.deepEqual((await readToEnd(client)).data, Buffer.alloc(0));
      assert.equal(chain.exit.stat("cluster.up.upstream_cx_connect_fail"), 3);
      assert.equal(chain.entry.stat("cluster.up.upstream_rq_total"), 3);
      assert.equal(chain.entry.stat("cluster.up.upstream_cx_connect_attempts_exceeded"), 1);
    },
  );
}

void test("tunnels share a connection of HTTP/2, and end one by one", WAIT, async (t) => {
  const server = await startTcpServer(t);
  const { entry, connect } = await startChain(t, { spoken: "h2", port: server.port });
  const first = await connect();
  const one = await server.accept();
  const second = await connect();
  const two = await server.accept();
  assert.equal(entry.stat("cluster.up.upstream_cx_total"), 1);
  assert.equal(entry.stat("cluster.up.upstream_rq_active"), 2);
  first.destroy();
  await readToEnd(one);
  one.end();
  second.write("still here");
  assert.equal((await readBytes(two, 10)).toString(), "still here");
  await turnsUntil(() => entry.stat("cluster.up.upstream_rq_active") === 1);
});

for (const spoken of ["h1", "h2"] as const) {
  void test(`${spoken}: over IPv6 and over a unix socket`, WAIT, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "tunnel-"));
    t.after(() => rmSync(folder, { recursive: true }));
    const pipe = `{ pipe: { path: "${join(folder, "s")}" } }`;
    const ipv6 = (port: string): string =>
      `{ socket_address: { address: "::1", port_value: ${port} } }`;
    for (const [listen, between] of [
      [ipv6("0"), ipv6("PORT")],
      [pipe, pipe],
    ] as const) {
      const server = await startTcpServer(t);
      const chain = await startChain(t, { spoken, port: server.port, listen, between });
      const client = await chain.connect();
      client.write("hello");
      const upstream = await server.accept();
      assert.equal((await readBytes(upstream, 5)).toString(), "hello");
    }
  });
}

void test("a tunnel that begins on a connection which backs up lets its client go once", async (t) => {
  const { originPort, peers } = await startFrameHost(t, WIDE);
  const http2 = `typed_extension_protocol_options: { envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {
    "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions,
    explicit_http_config: { http2_protocol_options: {} } } }`;
  const tcp = "stat_prefix: t, cluster: up, tunneling_config: { hostname: inner:1 }";
  const { connect, proxy } = await startTcpRig(t, `[${filter("tcp_proxy.v3.TcpProxy", tcp)}]`, {
    up: { port: originPort, more: http2 },
  });
  const count = (what: string): number | undefined =>
    proxy.stat(`tcp.t.downstream_flow_control_${what}_reading_total`);
  const first = await connect();
  await turnsUntil(() => peers[0]?.frames[FrameType.Headers] === 1);
  const [host] = peers;
  host!.send(headers(1, OK, false));
  host!.socket.pause();
  first.write(Buffer.alloc(16 * MIB));
  await turnsUntil(() => count("paused") === 1);
  await connect();
  await turnsUntil(() => proxy.stat("cluster.up.upstream_rq_active") === 2);
  host!.send(headers(3, OK, false));
  await turnsUntil(() => count("paused") === 2);
  host!.socket.resume();
  await host!.until(() => host!.dataBytes === 16 * MIB);
  // It may have been made to wait again meanwhile.
  await turnsUntil(() => count("resumed")! >= count("paused")!);
  assert.equal(count("resumed"), count("paused"));
});
