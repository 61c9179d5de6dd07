import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { testAccessLog } from "../testing/access-log.ts";
import { ROUTER_FILTER } from "../testing/bootstrap.ts";
import { startProxy, type TestProxy } from "../testing/proxy.ts";
import { filter, readToEnd } from "../testing/tcp-rig.ts";

const ADDRESSES =
  "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT% %DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT% %UPSTREAM_HOST%";
const PROXY_PROTOCOL =
  '{ name: p, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol } }';

interface Upstream {
  /** What it got, all connections together. */
  received: string;
  readonly port: number;
}

/** An HTTP server that says `ok`. */
async function startUpstream(t: TestContext, where: net.ListenOptions): Promise<Upstream> {
  let received = "";
  const server = net.createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      received += chunk.toString();
      if (received.endsWith("\r\n\r\n"))
        socket.end("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok");
    });
  });
  server.listen(where);
  await once(server, "listening");
  t.after(() => server.close());
  const address = server.address();
  return {
    get received() {
      return received;
    },
    port: typeof address === "object" ? address!.port : 0,
  };
}

/** A proxy whose listener `l` forwards HTTP from `address` to `upstream`. */
async function start(
  t: TestContext,
  address: string,
  upstream: string,
  { listener = "", log = "" } = {},
): Promise<TestProxy> {
  const route = "{ match: { prefix: / }, route: { cluster: up } }";
  const hcm = filter(
    "http_connection_manager.v3.HttpConnectionManager",
    `stat_prefix: in, use_remote_address: true, ${log === "" ? "" : `${log}, `}http_filters: [${ROUTER_FILTER}], route_config: { virtual_hosts: [{ name: all, domains: ["*"], routes: [${route}] }] }`,
  );
  const proxy = await startProxy(`
static_resources:
  listeners:
  - { name: l, address: ${address}, ${listener} filter_chains: [{ filters: [${hcm}] }] }
  clusters:
  - { name: up, load_assignment: { cluster_name: up, endpoints: [{ lb_endpoints: [{ endpoint: { address: ${upstream} } }] }] } }
`);
  t.after(() => {
    proxy.close();
    assert.deepEqual(proxy.exceptions, []);
  });
  return proxy;
}

async function get(target: net.NetConnectOpts, before = ""): Promise<string> {
  const socket = net.connect(target);
  socket.write(`${before}GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
  return (await readToEnd(socket)).data.toString();
}

const socketAddress = (ip: string, port: number, more = ""): string =>
  `{ socket_address: { address: "${ip}", port_value: ${port}${more} } }`;

void test("IPv6 on both sides: headers, logs, and the upstream's address", async (t) => {
  const upstream = await startUpstream(t, { host: "::1", port: 0 });
  const log = testAccessLog(t, ADDRESSES);
  const proxy = await start(t, socketAddress("::1", 0), socketAddress("::1", upstream.port), {
    log: log.yaml,
  });
  assert.match(await get({ host: "::1", port: proxy.port("l") }), /^HTTP\/1\.1 200 OK/);
  assert.match(upstream.received, /x-envoy-external-address: ::1\r\n/);
  proxy.close();
  assert.deepEqual(log.lines(), [`::1 ::1 [::1]:${upstream.port}`]);
});

void test("a listener on :: takes IPv4 with ipv4_compat only, and calls it by its own address", async (t) => {
  const upstream = await startUpstream(t, { host: "127.0.0.1", port: 0 });
  const to = socketAddress("127.0.0.1", upstream.port);
  const log = testAccessLog(t, ADDRESSES);
  const both = await start(t, socketAddress("::", 0, ", ipv4_compat: true"), to, { log: log.yaml });
  assert.match(await get({ host: "127.0.0.1", port: both.port("l") }), /^HTTP\/1\.1 200 OK/);
  assert.match(upstream.received, /x-envoy-external-address: 127\.0\.0\.1\r\n/);
  assert.match(await get({ host: "::1", port: both.port("l") }), /^HTTP\/1\.1 200 OK/);
  assert.match(upstream.received, /x-envoy-external-address: ::1\r\n/);
  both.close();
  const host = `127.0.0.1:${upstream.port}`;
  assert.deepEqual(log.lines(), [`127.0.0.1 127.0.0.1 ${host}`, `::1 ::1 ${host}`]);

  const six = await start(t, socketAddress("::", 0), to);
  const refused = net.connect({ host: "127.0.0.1", port: six.port("l") });
  const [error] = (await once(refused, "error")) as [NodeJS.ErrnoException];
  assert.equal(error.code, "ECONNREFUSED");
  assert.match(await get({ host: "::1", port: six.port("l") }), /^HTTP\/1\.1 200 OK/);
});

void test("Unix sockets on both sides, by path and by abstract name", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "nuncio-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const pairs = [
    { up: join(folder, "up.sock"), own: join(folder, "own.sock") },
    { up: `@nuncio-up-${process.pid}`, own: `@nuncio-own-${process.pid}` },
  ];
  const onDisk = (path: string): string => path.replace(/^@/, "\0");
  for (const { up, own } of pairs) {
    const upstream = await startUpstream(t, { path: onDisk(up) });
    const pipe = (path: string): string => `{ pipe: { path: "${path}" } }`;
    await start(t, pipe(own), pipe(up));
    assert.match(await get({ path: onDisk(own) }), /^HTTP\/1\.1 200 OK/);
    assert.match(upstream.received, /^GET \/ HTTP\/1\.1\r\n/);
  }
});

void test("a PROXY protocol header names an IPv6 client to an IPv4 listener, and to a Unix socket", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "nuncio-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "own.sock");
  const upstream = await startUpstream(t, { host: "::1", port: 0 });
  const to = socketAddress("::1", upstream.port);
  const listener = `listener_filters: [${PROXY_PROTOCOL}],`;
  const header = "PROXY TCP6 2001:db8::1 2001:db8::2 1111 2222\r\n";
  const log = testAccessLog(t, ADDRESSES);
  const proxy = await start(t, socketAddress("127.0.0.1", 0), to, { listener, log: log.yaml });
  assert.match(await get({ host: "127.0.0.1", port: proxy.port("l") }, header), /^HTTP\/1\.1 200/);
  proxy.close();
  assert.deepEqual(log.lines(), [`2001:db8::1 2001:db8::2 [::1]:${upstream.port}`]);
  await start(t, `{ pipe: { path: "${path}" } }`, to, { listener });
  assert.match(await get({ path }, header), /^HTTP\/1\.1 200/);
  const forwarded = upstream.received.match(/x-forwarded-for: 2001:db8::1\r\n/g);
  assert.equal(forwarded?.length, 2);
});

void test("chains by IPv6 ranges", async (t) => {
  const chain = (text: string, match: string): string =>
    `{ filter_chain_match: ${match}, filters: [${filter("direct_response.v3.Config", `response: { inline_string: ${text} }`)}] }`;
  const range = (ip: string, bits: number): string =>
    `[{ address_prefix: "${ip}", prefix_len: ${bits} }]`;
  const chains = [
    chain("far", `{ source_prefix_ranges: ${range("2001:db8::", 32)} }`),
    chain("own", `{ source_prefix_ranges: ${range("::1", 128)} }`),
    chain("v4", `{ source_prefix_ranges: ${range("127.0.0.0", 8)} }`),
  ];
  const proxy = await startProxy(`
static_resources:
  listeners:
  - { name: l, address: ${socketAddress("::", 0, ", ipv4_compat: true")}, filter_chains: [${chains.join(", ")}] }
`);
  t.after(() => proxy.close());
  const ask = async (host: string): Promise<string> => {
    const { data } = await readToEnd(net.connect({ host, port: proxy.port("l") }));
    return data.toString();
  };
  assert.equal(await ask("::1"), "own");
  assert.equal(await ask("127.0.0.1"), "v4");
});
