import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { startProxy, type TestProxy } from "../testing/proxy.ts";

const DIRECT = "envoy.extensions.filters.network.direct_response.v3.Config";

/** A chain that answers every connection with a text. */
function chain(text: string, match = ""): string {
  const filter = `{ name: d, typed_config: { "@type": type.googleapis.com/${DIRECT}, response: { inline_string: ${text} } } }`;
  return `{ ${match === "" ? "" : `filter_chain_match: ${match}, `}filters: [${filter}] }`;
}

async function start(t: TestContext, listener: string): Promise<TestProxy> {
  const proxy = await startProxy(`static_resources:\n  listeners:\n  - { name: l, ${listener} }\n`);
  t.after(() => proxy.close());
  return proxy;
}

const LOOPBACK = "address: { socket_address: { address: 127.0.0.1, port_value: 0 } }";

async function read(target: net.NetConnectOpts): Promise<string> {
  let text = "";
  const socket = net.connect(target);
  for await (const chunk of socket) text += String(chunk);
  return text;
}

void test("a Unix socket: accepts, has the mode asked for, and replaces what a dead process left", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "nuncio-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "l.sock");
  const before = net.createServer().listen(path);
  await new Promise((resolve) => before.once("listening", resolve));
  t.after(() => before.close());
  await start(
    t,
    `address: { pipe: { path: "${path}", mode: 384 } }, filter_chains: [${chain("hello")}]`,
  );
  assert.equal(await read({ path }), "hello");
  assert.equal(statSync(path).mode & 0o777, 0o600);
});

void test("an abstract Unix socket", async (t) => {
  const name = `nuncio-test-${process.pid}`;
  await start(t, `address: { pipe: { path: "@${name}" } }, filter_chains: [${chain("hello")}]`);
  assert.equal(await read({ path: `\0${name}` }), "hello");
});

void test("additional addresses are accepted on as well, IPv6 too", async (t) => {
  const second =
    "additional_addresses: [{ address: { socket_address: { address: '::1', port_value: 0 } } }]";
  const proxy = await start(t, `${LOOPBACK}, ${second}, filter_chains: [${chain("hello")}]`);
  const [first, other] = proxy.ports("l");
  assert.equal(await read({ host: "127.0.0.1", port: first! }), "hello");
  assert.equal(await read({ host: "::1", port: other! }), "hello");
});

void test("chains are chosen by what they match, else the default chain, else the connection closes", async (t) => {
  const chains = [
    chain("other", "{ source_prefix_ranges: [{ address_prefix: 10.0.0.0, prefix_len: 8 }] }"),
    chain(
      "local",
      "{ source_type: SAME_IP_OR_LOOPBACK, prefix_ranges: [{ address_prefix: 127.0.0.0, prefix_len: 8 }] }",
    ),
  ].join(", ");
  const chosen = await start(t, `${LOOPBACK}, filter_chains: [${chains}]`);
  assert.equal(await read({ host: "127.0.0.1", port: chosen.port("l") }), "local");
  const far = chain("other", "{ destination_port: 1 }");
  const fallback = await start(
    t,
    `${LOOPBACK}, filter_chains: [${far}], default_filter_chain: ${chain("default")}`,
  );
  assert.equal(await read({ host: "127.0.0.1", port: fallback.port("l") }), "default");
  const none = await start(t, `${LOOPBACK}, filter_chains: [${far}], stat_prefix: x`);
  assert.equal(await read({ host: "127.0.0.1", port: none.port("l") }), "");
  assert.equal(none.stat("listener.x.no_filter_chain_match"), 1);
});

void test("chains with the same criteria, unfit terminal filters and options that Node lacks are refused", async () => {
  const refused = (listener: string): Promise<void> =>
    assert.rejects(startProxy(`static_resources: { listeners: [{ name: l, ${listener} }] }`));
  await refused(`${LOOPBACK}, filter_chains: [${chain("a")}, ${chain("b")}]`);
  await refused(`${LOOPBACK}, filter_chains: [{ filters: [] }], freebind: true`);
  await refused(`${LOOPBACK}, filter_chains: [${chain("a")}], transparent: true`);
  const limit =
    '{ name: c, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.network.connection_limit.v3.ConnectionLimit, stat_prefix: s, max_connections: 1 } }';
  await refused(`${LOOPBACK}, filter_chains: [{ filters: [${limit}] }]`);
  await refused(LOOPBACK);
  await refused(
    `address: { socket_address: { address: example.com, port_value: 1 } }, filter_chains: [${chain("a")}]`,
  );
});

void test("a path that cannot be bound is a clear error", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "nuncio-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "file");
  writeFileSync(path, "no socket");
  await assert.rejects(
    startProxy(
      `static_resources: { listeners: [{ name: l, address: { pipe: { path: "${path}" } }, filter_chains: [${chain("a")}] }] }`,
    ),
    /error adding listener 'l': cannot bind '.*file': Address already in use/,
  );
});

void test("a matcher names the chain; what names none leaves the default one, a wrong name none at all", async (t) => {
  const named = ["one", "two"].map((name) => chain(name).replace("{ ", `{ name: ${name}, `));
  const port = "envoy.extensions.matching.common_inputs.network.v3.SourceTypeInput";
  const action = (name: string): string =>
    `{ action: { name: a, typed_config: { "@type": type.googleapis.com/google.protobuf.StringValue, value: ${name} } } }`;
  const tree = (key: string, name: string): string =>
    `{ matcher_tree: { input: { name: i, typed_config: { "@type": type.googleapis.com/${port} } }, exact_match_map: { map: { ${key}: ${action(name)} } } } }`;
  const answer = async (matcher: string): Promise<string> => {
    const chains = `filter_chains: [${named.join(", ")}], default_filter_chain: ${chain("rest")}`;
    const proxy = await start(t, `${LOOPBACK}, ${chains}, filter_chain_matcher: ${matcher}`);
    return read({ host: "127.0.0.1", port: proxy.ports("l")[0]! });
  };
  assert.equal(await answer(tree("local", "two")), "two");
  assert.equal(await answer(tree("remote", "two")), "rest");
  assert.equal(await answer(tree("local", "three")), "");
});

void test("with a matcher every chain has a name of its own", async (t) => {
  const chains = `filter_chains: [${chain("a")}, ${chain("b")}]`;
  const started = start(t, `${LOOPBACK}, ${chains}, filter_chain_matcher: {}`);
  await assert.rejects(
    started,
    /filter_chains\[1\].*"name" field is required when using a listener matcher/,
  );
});
