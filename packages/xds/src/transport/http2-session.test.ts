import assert from "node:assert/strict";
import { once } from "node:events";
import http2 from "node:http2";
import net, { type AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import type { ConnectionObserver } from "./connection-observer.ts";
import { Http2Session, type Http2SessionOptions } from "./http2-session.ts";

const options = { timeout: 20_000 };

async function listen(t: TestContext, server: net.Server): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function sessionTo(t: TestContext, url: string, more: Http2SessionOptions): Http2Session {
  const session = new Http2Session(url, more);
  t.after(() => session.close());
  return session;
}

class Recorder implements ConnectionObserver {
  readonly events: string[] = [];
  readonly ended: Promise<void>;
  #resolve = (): void => {};

  constructor() {
    this.ended = new Promise((resolve) => (this.#resolve = resolve));
  }

  onRequest(): void {
    this.events.push("request");
  }

  onResponse(status: number): void {
    this.events.push(`response ${status}`);
  }

  onEnd(how: string): void {
    this.events.push(how);
    this.#resolve();
  }

  onKeepaliveTimeout(): void {
    this.events.push("keepalive timeout");
    this.#resolve();
  }

  onClosing(): void {
    this.events.push("closing");
  }
}

test("windows and settings are announced", options, async (t) => {
  const server = http2.createServer();
  const url = await listen(t, server);
  const opened = once(server, "session") as Promise<[http2.ServerHttp2Session]>;
  sessionTo(t, url, {
    connectionWindowBytes: 1_000_000,
    sessionOptions: { settings: { initialWindowSize: 70_000, enablePush: false } },
  });
  const [session] = await opened;
  t.after(() => session.destroy());
  if (session.remoteSettings.initialWindowSize !== 70_000) await once(session, "remoteSettings");
  assert.equal(session.remoteSettings.initialWindowSize, 70_000);
  assert.equal(session.remoteSettings.enablePush, false);
  // A ping is answered behind the window update.
  await new Promise((resolve) => void session.ping(resolve));
  assert.equal(session.state.remoteWindowSize, 1_000_000);
});

test("the authority is what it was given, and exchanges are told", options, async (t) => {
  const server = http2.createServer();
  const seen: unknown[] = [];
  server.on("stream", (stream: http2.ServerHttp2Stream, headers) => {
    seen.push(headers[":authority"]);
    if (headers[":path"] !== "/whole") {
      stream.close(http2.constants.NGHTTP2_CANCEL);
      return;
    }
    stream.respond({ ":status": 200 });
    stream.end("x");
  });
  const url = await listen(t, server);
  for (const [path, ...told] of [
    ["/whole", "request", "response 200", "complete"],
    ["/none", "request", "remote_reset"],
  ] as const) {
    const observer = new Recorder();
    const session = sessionTo(t, url, { authority: "Some_Cluster", observer });
    await session.connected;
    const stream = await session.request("POST", path, {}, {});
    stream.on("error", () => {}).resume();
    stream.end();
    await observer.ended;
    assert.deepEqual(observer.events, told);
    session.close();
    assert.equal(observer.events.at(-1), "closing");
  }
  assert.deepEqual(seen, ["Some_Cluster", "Some_Cluster"]);
});

test("pings go on while they are answered", options, async (t) => {
  const server = http2.createServer();
  const url = await listen(t, server);
  const opened = once(server, "session") as Promise<[http2.ServerHttp2Session]>;
  sessionTo(t, url, { ping: { intervalMs: 1, timeoutMs: 10_000 } });
  const [session] = await opened;
  t.after(() => session.destroy());
  await once(session, "ping");
  await once(session, "ping");
});

test("a ping without an answer ends the connection", options, async (t) => {
  // SETTINGS, and not a word after that.
  const server = net.createServer((socket) => {
    socket.on("error", () => {}).resume();
    socket.write(Uint8Array.of(0, 0, 0, 4, 0, 0, 0, 0, 0));
  });
  const url = await listen(t, server);
  const observer = new Recorder();
  const session = sessionTo(t, url, { observer, ping: { intervalMs: 1, timeoutMs: 1 } });
  await session.connected;
  await observer.ended;
  assert.deepEqual(observer.events, ["keepalive timeout"]);
});
