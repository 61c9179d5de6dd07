import assert from "node:assert/strict";
import { once } from "node:events";
import http2 from "node:http2";
import net from "node:net";
import { test, type TestContext } from "node:test";
import { clusterYaml } from "../testing/bootstrap.ts";
import { RawClient, startOrigin } from "../testing/origin.ts";
import type { TestProxy } from "../testing/proxy.ts";
import { turnsUntil } from "../testing/turns.ts";
import {
  answer,
  AT_ONCE,
  filter,
  httpChain,
  listenerText,
  startWith,
  type Fields,
} from "./testing/live-listener.ts";

const GET = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";
const SOON = { timeMs: 1, strategy: "gradual" } as const;
/** A chain that shares nothing with the one before. */
const OTHER: Fields = httpChain(answer("other"), { stat_prefix: "other" });

function client(t: TestContext, port: number): RawClient {
  const made = new RawClient(port);
  t.after(() => made.close());
  return made;
}

function draining(proxy: TestProxy): (number | undefined)[] {
  return ["total_listeners_draining", "total_filter_chains_draining"].map((name) =>
    proxy.stat(`listener_manager.${name}`),
  );
}

void test("connections that are left when the drain time is over are closed, hundreds too", async (t) => {
  const proxy = await startWith(t, listenerText([httpChain(answer("one"))]), { drain: SOON });
  const peers = Array.from({ length: 250 }, () => client(t, proxy.port("main")));
  await Promise.all(peers.map((peer) => peer.send(GET).until((text) => text.endsWith("one"))));
  await proxy.setListener(listenerText([OTHER]));
  await Promise.all(peers.map((peer) => peer.untilEnd()));
  await turnsUntil(() => draining(proxy)[1] === 0);
  assert.equal(proxy.stat("http.in.downstream_cx_active"), 0);
});

void test("a WebSocket of a chain that is gone has the drain time, and no longer", async (t) => {
  const head =
    "HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\n";
  const origin = await startOrigin(({ socket }) => void socket.write(head));
  t.after(() => origin.close());
  const chain = httpChain(
    { route: { cluster: "origin" } },
    { upgrade_configs: [{ upgrade_type: "websocket" }] },
  );
  const clusters = [clusterYaml("origin", origin.port)];
  const proxy = await startWith(t, listenerText([chain]), { clusters, drain: SOON });
  const peer = client(t, proxy.port("main"));
  peer.send(GET.replace("host", "connection: Upgrade\r\nupgrade: websocket\r\nhost"));
  await peer.until((text) => text.endsWith("\r\n\r\n"));
  assert.equal(proxy.stat("http.in.downstream_cx_upgrades_active"), 1);
  proxy.listeners.remove("main");
  await peer.untilEnd();
  await turnsUntil(() => draining(proxy)[0] === 0);
  assert.equal(proxy.stat("http.in.downstream_cx_upgrades_active"), 0);
  assert.deepEqual(proxy.exceptions, []);
});

void test("an HTTP/2 connection without a request is told, before it is closed", async (t) => {
  const proxy = await startWith(t, listenerText([httpChain(answer("one"))]), { drain: AT_ONCE });
  const session = http2.connect(`http://127.0.0.1:${proxy.port("main")}`);
  t.after(() => session.destroy());
  await once(session, "remoteSettings");
  const told = once(session, "goaway");
  proxy.listeners.remove("main");
  // Before it gets to know.
  const stream = session.request({ ":path": "/" });
  assert.deepEqual((await told).slice(0, 2), [0, 2 ** 31 - 1]);
  const [headers] = (await once(stream, "response")) as [http2.IncomingHttpHeaders];
  assert.equal(headers[":status"], 200);
  stream.close();
});

const HTTP_INSPECTOR = {
  listener_filters: [filter("http", "listener.http_inspector.v3.HttpInspector")],
};

void test("a connection whose first bytes come behind the next version gets its chain", async (t) => {
  const before = listenerText([httpChain(answer("one"))], HTTP_INSPECTOR);
  const proxy = await startWith(t, before, { drain: AT_ONCE });
  const peer = client(t, proxy.port("main"));
  await turnsUntil(() => proxy.stat("listener.127.0.0.1_0.downstream_pre_cx_active") === 1);
  await proxy.setListener(listenerText([OTHER], HTTP_INSPECTOR));
  // Nothing of the old chain is left, although the connection was accepted before.
  assert.equal(draining(proxy)[1], 0);
  assert.match(await peer.send(GET).until((text) => text.endsWith("other")), /200 OK/);
});

void test("of a removed listener, one whose first bytes did not come yet is served, and then drained", async (t) => {
  const before = listenerText([httpChain(answer("one"))], HTTP_INSPECTOR);
  const proxy = await startWith(t, before, { drain: AT_ONCE });
  const peer = client(t, proxy.port("main"));
  await turnsUntil(() => proxy.stat("listener.127.0.0.1_0.downstream_pre_cx_active") === 1);
  proxy.listeners.remove("main");
  assert.equal(draining(proxy)[0], 1);
  assert.match(await peer.send(GET).untilEnd(), /connection: close/);
  await turnsUntil(() => draining(proxy)[0] === 0);
});

void test("of a removed listener, one that says nothing is closed at the end of the drain time", async (t) => {
  const before = listenerText([httpChain(answer("one"))], HTTP_INSPECTOR);
  const proxy = await startWith(t, before, { drain: SOON });
  const peer = client(t, proxy.port("main"));
  await turnsUntil(() => proxy.stat("listener.127.0.0.1_0.downstream_pre_cx_active") === 1);
  proxy.listeners.remove("main");
  assert.equal(await peer.untilEnd(), "");
  await turnsUntil(() => draining(proxy)[0] === 0);
});

void test("a listener that is removed while a chain of it drains waits for that, too", async (t) => {
  const proxy = await startWith(t, listenerText([httpChain(answer("one"))]), { drain: AT_ONCE });
  const peer = client(t, proxy.port("main"));
  await peer.send(GET).until((text) => text.endsWith("one"));
  await proxy.setListener(listenerText([OTHER]));
  proxy.listeners.remove("main");
  assert.deepEqual(draining(proxy), [1, 1]);
  peer.received = "";
  assert.match(await peer.send(GET).untilEnd(), /connection: close/);
  await turnsUntil(() => draining(proxy).join() === "0,0");
});

void test("the default chain and the matcher change without those that they do not concern", async (t) => {
  const named = (text: string): Fields => ({ ...httpChain(answer(text)), name: text });
  const input = {
    name: "i",
    typed_config: {
      "@type":
        "type.googleapis.com/envoy.extensions.matching.common_inputs.network.v3.SourceTypeInput",
    },
  };
  const to = (name: string): Fields => ({
    action: {
      name: "a",
      typed_config: { "@type": "type.googleapis.com/google.protobuf.StringValue", value: name },
    },
  });
  const text = (chosen: string, rest: string): string =>
    listenerText([named("one"), named("two")], {
      default_filter_chain: httpChain(answer(rest), { stat_prefix: rest }),
      filter_chain_matcher: {
        matcher_tree: { input, exact_match_map: { map: { local: to(chosen) } } },
      },
    });
  const proxy = await startWith(t, text("one", "rest"), { drain: AT_ONCE });
  const ask = async (peer: RawClient, end: string): Promise<string> => {
    peer.received = "";
    return peer.send(GET).until((received) => received.endsWith(end));
  };
  const first = client(t, proxy.port("main"));
  await ask(first, "one");
  await proxy.setListener(text("two", "rest"));
  assert.doesNotMatch(await ask(first, "one"), /connection: close/);
  await ask(client(t, proxy.port("main")), "two");
  assert.equal(proxy.stat("listener_manager.listener_in_place_updated"), 1);
  await proxy.setListener(text("none", "other"));
  assert.equal(await client(t, proxy.port("main")).send(GET).untilEnd(), "");
  assert.doesNotMatch(await ask(first, "one"), /connection: close/);
});

void test("a socket that was closed for a drain is not opened by a worker's next version", async (t) => {
  const proxy = await startWith(t, listenerText([httpChain(answer("one"))]));
  const port = proxy.port("main");
  proxy.listeners.drain({ inboundOnly: false }, true);
  for (const message of proxy.listeners.messages()) proxy.post(message);
  const [error] = (await once(net.connect(port, "127.0.0.1"), "error")) as [NodeJS.ErrnoException];
  assert.equal(error.code, "ECONNREFUSED");
});
