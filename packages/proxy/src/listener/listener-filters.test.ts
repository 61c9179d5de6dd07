import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { test, type TestContext } from "node:test";
import tls from "node:tls";
import { clusterYaml } from "../testing/bootstrap.ts";
import { startProxy, type TestProxy } from "../testing/proxy.ts";
import { filter, readBytes, readToEnd, startTcpServer } from "../testing/tcp-rig.ts";
import { turnsUntil } from "../testing/turns.ts";
import {
  CertificateAuthority,
  type Identity,
} from "../transport/tls/testing/certificate-authority.ts";
import {
  clientHello,
  handshakeRecords,
  serverName,
} from "../transport/tls/testing/client-hello.ts";

const LISTENER = "type.googleapis.com/envoy.extensions.filters.listener";
const TLS_INSPECTOR = `{ name: t, typed_config: { "@type": ${LISTENER}.tls_inspector.v3.TlsInspector } }`;
const HTTP_INSPECTOR = `{ name: h, typed_config: { "@type": ${LISTENER}.http_inspector.v3.HttpInspector } }`;
const PROXY_PROTOCOL = `{ name: p, typed_config: { "@type": ${LISTENER}.proxy_protocol.v3.ProxyProtocol } }`;
const ECHO = filter("echo.v3.Echo", "");

function tcpTo(cluster: string): string {
  return filter("tcp_proxy.v3.TcpProxy", `stat_prefix: t, cluster: ${cluster}`);
}

/** Starts a proxy of one listener, whose stats are below `listener.x.`. */
async function start(t: TestContext, listener: string, clusters = ""): Promise<TestProxy> {
  const proxy = await startProxy(`
static_resources:
  listeners:
  - { name: l, stat_prefix: x, address: { socket_address: { address: 127.0.0.1, port_value: 0 } }, ${listener} }
  clusters: [${clusters}]
`);
  t.after(() => {
    proxy.close();
    assert.deepEqual(proxy.exceptions, []);
  });
  return proxy;
}

async function connect(t: TestContext, proxy: TestProxy): Promise<net.Socket> {
  const socket = net.connect({ port: proxy.port("l"), host: "127.0.0.1", allowHalfOpen: true });
  socket.on("error", () => {});
  t.after(() => socket.destroy());
  await once(socket, "connect");
  return socket;
}

/** A TLS server that says the name it was asked for, and then what it gets. */
async function startTlsServer(t: TestContext, { chain, key }: Identity): Promise<number> {
  const server = tls.createServer({ cert: chain, key }, (socket) => {
    socket.on("error", () => {});
    socket.write(`${String(socket.servername)}:`);
    socket.pipe(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return (server.address() as net.AddressInfo).port;
}

/** Shakes hands over `socket`, says hello, and reads until the server has said all of it. */
async function talk(socket: net.Socket, servername: string, ca: string): Promise<string> {
  const secure = tls.connect({ socket, servername, ca });
  await once(secure, "secureConnect");
  secure.write("hello");
  let text = "";
  while (!text.endsWith("hello")) {
    const [chunk] = (await once(secure, "data")) as [Buffer];
    text += chunk.toString();
  }
  secure.destroy();
  return text;
}

void test("TLS passes through to the cluster of its name", async (t) => {
  const authority = await CertificateAuthority.create();
  const names = ["a.test", "b.test", "x.wild.test"];
  const identities = await Promise.all(names.map((name) => authority.issue({ dnsNames: [name] })));
  const ports = await Promise.all(identities.map((identity) => startTlsServer(t, identity)));
  const matches = ["[a.test]", "[b.test]", '["*.wild.test"]'];
  const chains = matches.map(
    (match, index) =>
      `{ filter_chain_match: { server_names: ${match} }, filters: [${tcpTo(`c${index}`)}] }`,
  );
  const proxy = await start(
    t,
    `listener_filters: [${TLS_INSPECTOR}], filter_chains: [${chains.join(", ")}]`,
    ports.map((port, index) => clusterYaml(`c${index}`, port)).join(", "),
  );
  for (const name of names) {
    assert.equal(await talk(await connect(t, proxy), name, authority.certificate), `${name}:hello`);
  }
  assert.equal(proxy.stat("tls_inspector.sni_found"), 3);
  assert.equal(proxy.stat("tls_inspector.alpn_not_found"), 3);
  assert.equal(proxy.stat("listener.x.downstream_pre_cx_active"), 0);
});

void test("TLS that ends here gets the bytes that its inspector has read, behind a PROXY header too", async (t) => {
  const authority = await CertificateAuthority.create();
  const { chain, key } = await authority.issue({ dnsNames: ["a.test"] });
  const inline = (text: string): string => `{ inline_string: ${JSON.stringify(text)} }`;
  const certificates = `[{ certificate_chain: ${inline(chain)}, private_key: ${inline(key)} }]`;
  const context = `{ "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext, common_tls_context: { tls_certificates: ${certificates} } }`;
  const secured = `{ filter_chain_match: { server_names: [a.test] }, filters: [${ECHO}], transport_socket: { name: tls, typed_config: ${context} } }`;
  const proxy = await start(
    t,
    `listener_filters: [${PROXY_PROTOCOL}, ${TLS_INSPECTOR}], filter_chains: [${secured}]`,
  );
  const socket = await connect(t, proxy);
  socket.write("PROXY TCP6 2001:db8::1 2001:db8::2 1 2\r\n");
  assert.equal(await talk(socket, "a.test", authority.certificate), "hello");
});

void test("a hello in pieces of one byte finds its chain", async (t) => {
  const proxy = await start(
    t,
    `listener_filters: [${TLS_INSPECTOR}], filter_chains: [{ filter_chain_match: { server_names: [a.test] }, filters: [${ECHO}] }]`,
  );
  const hello = handshakeRecords(clientHello({ extensions: [serverName("a.test")] }), 9);
  const socket = await connect(t, proxy);
  socket.setNoDelay(true);
  let echoed = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => (echoed = Buffer.concat([echoed, chunk])));
  for (const byte of hello) {
    socket.write(Buffer.of(byte));
    const before = socket.bytesWritten;
    await turnsUntil(() => socket.bytesWritten === before && socket.writableLength === 0);
  }
  await turnsUntil(() => echoed.length === hello.length);
  assert.ok(echoed.equals(hello));
});

void test("a client that says too little is closed after the timeout, or goes on", async (t) => {
  const timeout = "listener_filters_timeout: 0.05s";
  const chains = `listener_filters: [${HTTP_INSPECTOR}], filter_chains: [{ filters: [${ECHO}] }]`;
  const closing = await start(t, `${timeout}, ${chains}`);
  const one = await connect(t, closing);
  one.write("GE");
  assert.deepEqual(await readToEnd(one), { data: Buffer.alloc(0), reset: true });
  assert.equal(closing.stat("listener.x.downstream_pre_cx_timeout"), 1);
  assert.equal(closing.stat("listener.x.downstream_cx_total"), 0);

  const going = await start(t, `${timeout}, continue_on_listener_filters_timeout: true, ${chains}`);
  const other = await connect(t, going);
  other.write("GE");
  const [echoed] = (await once(other, "data")) as [Buffer];
  assert.equal(echoed.toString(), "GE");
  assert.equal(going.stat("listener.x.downstream_pre_cx_timeout"), 1);
  assert.equal(going.stat("listener.x.downstream_cx_total"), 1);
});

void test("a client that leaves while it is waited for is counted, and so is one that resets", async (t) => {
  const proxy = await start(
    t,
    `listener_filters: [${HTTP_INSPECTOR}], filter_chains: [{ filters: [${ECHO}] }]`,
  );
  const active = (): number => proxy.stat("listener.x.downstream_pre_cx_active")!;
  const leaving = await connect(t, proxy);
  const resetting = await connect(t, proxy);
  await turnsUntil(() => active() === 2);
  leaving.end();
  await turnsUntil(() => active() === 1);
  assert.equal(proxy.stat("listener.x.downstream_listener_filter_remote_close"), 1);
  resetting.resetAndDestroy();
  await turnsUntil(() => active() === 0);
  assert.equal(proxy.stat("listener.x.downstream_listener_filter_error"), 1);
});

void test("a proxy that ends closes those that it waits for", async (t) => {
  const proxy = await start(
    t,
    `listener_filters: [${HTTP_INSPECTOR}], filter_chains: [{ filters: [${ECHO}] }]`,
  );
  const socket = await connect(t, proxy);
  await turnsUntil(() => proxy.stat("listener.x.downstream_pre_cx_active") === 1);
  proxy.close();
  assert.deepEqual(await readToEnd(socket), { data: Buffer.alloc(0), reset: false });
});

void test("connections beyond the rate are closed before a byte is read, and counted", async (t) => {
  const limit = `{ name: r, typed_config: { "@type": ${LISTENER}.local_ratelimit.v3.LocalRateLimit, stat_prefix: s, token_bucket: { max_tokens: 1, fill_interval: 3600s } } }`;
  const proxy = await start(
    t,
    `listener_filters: [${limit}], filter_chains: [{ filters: [${ECHO}] }]`,
  );
  const first = await connect(t, proxy);
  await turnsUntil(() => proxy.stat("listener.x.downstream_cx_active") === 1);
  const second = await connect(t, proxy);
  assert.deepEqual(await readToEnd(second), { data: Buffer.alloc(0), reset: false });
  assert.equal(proxy.stat("listener_local_ratelimit.s.rate_limited"), 1);
  assert.equal(proxy.stat("listener.x.downstream_pre_cx_active"), 0);
  first.write("hello");
  const [echoed] = (await once(first, "data")) as [Buffer];
  assert.equal(echoed.toString(), "hello");
});

void test("the cluster of a TCP proxy is named by what a listener filter found", async (t) => {
  const server = await startTcpServer(t);
  const format = `{ text_format_source: { inline_string: "c%DOWNSTREAM_REMOTE_PORT%" } }`;
  const state = `{ name: s, typed_config: { "@type": ${LISTENER}.set_filter_state.v3.Config, on_accept: [{ object_key: envoy.tcp_proxy.cluster, format_string: ${format} }] } }`;
  const proxy = await start(
    t,
    `listener_filters: [${PROXY_PROTOCOL}, ${state}], filter_chains: [{ filters: [${tcpTo("none")}] }]`,
    clusterYaml("c42", server.port),
  );
  const socket = await connect(t, proxy);
  socket.write("PROXY TCP4 192.0.2.1 192.0.2.2 42 1\r\nhello");
  assert.equal((await readBytes(await server.accept(), 5)).toString(), "hello");
});

void test("objects that nothing would look at are refused by name", async (t) => {
  const object =
    "{ object_key: envoy.network.upstream_server_name, format_string: { text_format_source: { inline_string: a } } }";
  const state = `{ name: s, typed_config: { "@type": ${LISTENER}.set_filter_state.v3.Config, on_accept: [${object}] } }`;
  await assert.rejects(
    start(t, `listener_filters: [${state}], filter_chains: [{ filters: [${ECHO}] }]`),
    /not implemented yet: objects of 'envoy.network.upstream_server_name'/,
  );
});

void test("filters that Node.js cannot run are refused with the reason", async (t) => {
  const started = (name: string): Promise<unknown> =>
    start(
      t,
      `listener_filters: [{ name: f, typed_config: { "@type": ${LISTENER}.${name} } }], filter_chains: [{ filters: [${ECHO}] }]`,
    );
  await assert.rejects(
    started("original_dst.v3.OriginalDst"),
    /Node\.js cannot read SO_ORIGINAL_DST/,
  );
  await assert.rejects(started("original_src.v3.OriginalSrc"), /Node\.js cannot bind a socket/);
});
