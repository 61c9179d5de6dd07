import assert from "node:assert/strict";
import { once } from "node:events";
import http2 from "node:http2";
import net, { type AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import { DEFAULT_HTTP2_OPTIONS, HeaderMap } from "@nuncio/codec";
import type { ConnectionObserver } from "./connection-observer.ts";
import { EventQueue } from "./event-queue.test-support.ts";
import { Http2Exchange, type ExchangeEvents, type Http2ExchangeOptions } from "./http2-exchange.ts";

const options = { timeout: 20_000 };

async function listen(t: TestContext, server: net.Server): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Tells what happens as lines. */
class Recorder implements ConnectionObserver {
  readonly events: string[] = [];
  readonly told = new EventQueue<string>();

  onRequest(): void {
    this.#tell("request");
  }

  onResponse(status: number): void {
    this.#tell(`response ${status}`);
  }

  onEnd(how: string): void {
    this.#tell(how);
  }

  onKeepaliveTimeout(): void {
    this.#tell("keepalive timeout");
  }

  onClosing(): void {
    this.#tell("closing");
  }

  #tell(event: string): void {
    this.events.push(event);
    this.told.push(event);
  }
}

/** An exchange that asks for `path` when it is connected. */
function exchangeWith(
  t: TestContext,
  url: string,
  more: Http2ExchangeOptions,
  path: string | null = null,
): { exchange: Http2Exchange; told: EventQueue<string> } {
  const told = new EventQueue<string>();
  const events: ExchangeEvents = {
    onConnected() {
      if (path !== null) {
        const head = new HeaderMap();
        head.method = "POST";
        head.path = path;
        exchange.start(head);
        exchange.write(Buffer.alloc(0), true);
      }
      told.push("connected");
    },
    onHeaders: ({ status }, endStream) => told.push(`headers ${status}${endStream ? " end" : ""}`),
    onData: (data, endStream) => told.push(`data ${data.toString()}${endStream ? " end" : ""}`),
    onTrailers: (trailers) => told.push(`trailers ${trailers.entries.join()}`),
    onWritable() {},
    onFailed: (failure, reason) => told.push(`${failure}: ${reason}`),
  };
  const exchange = new Http2Exchange(url, more, events);
  t.after(() => exchange.close());
  return { exchange, told };
}

test("windows and settings are announced", options, async (t) => {
  const server = http2.createServer();
  const url = await listen(t, server);
  const opened = once(server, "session") as Promise<[http2.ServerHttp2Session]>;
  const http2Options = {
    ...DEFAULT_HTTP2_OPTIONS,
    initialConnectionWindowBytes: 1_000_000,
    initialStreamWindowBytes: 70_000,
  };
  exchangeWith(t, url, { http2: http2Options });
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
    seen.push(`${headers[":scheme"]} ${headers[":authority"]}`);
    stream.on("error", () => {});
    const { NGHTTP2_CANCEL, NGHTTP2_REFUSED_STREAM } = http2.constants;
    switch (headers[":path"]) {
      case "/whole":
        stream.respond({ ":status": 200 });
        stream.end("x");
        break;
      case "/failed":
        stream.respond({ ":status": 200, "grpc-status": "5" }, { endStream: true });
        break;
      case "/refused":
        stream.close(NGHTTP2_REFUSED_STREAM);
        break;
      case "/cut":
        stream.session?.destroy();
        break;
      case "/held":
        break;
      default:
        stream.close(NGHTTP2_CANCEL);
        break;
    }
  });
  const url = await listen(t, server);
  for (const [path, end, ...observed] of [
    ["/whole", " end", "request", "response 200", "complete", "closing"],
    ["/failed", " end", "request", "response 200", "grpc_error", "closing"],
    ["/none", "reset: the control plane reset the stream", "request", "remote_reset", "closing"],
    [
      "/refused",
      "refused: the control plane takes no stream on this connection",
      "request",
      "remote_reset",
      "closing",
    ],
    ["/cut", "closed: the connection was closed", "request", "connection_closed"],
    ["/held", "", "request", "closing", "local_reset"],
  ] as const) {
    const observer = new Recorder();
    const { exchange, told } = exchangeWith(t, url, { authority: "Some_Cluster", observer }, path);
    assert.equal(await told.next(), "connected");
    let last = "";
    while (!last.endsWith(end)) last = await told.next();
    exchange.close();
    assert.deepEqual(observer.events, observed, path);
  }
  assert.deepEqual([...new Set(seen)], ["http Some_Cluster"]);
});

test("who does not speak HTTP/2 is told so, and why", options, async (t) => {
  const server = net.createServer((socket) => {
    socket.on("error", () => {}).end("HTTP/1.1 400 Bad Request\r\n\r\n");
  });
  const url = await listen(t, server);
  const observer = new Recorder();
  const { told } = exchangeWith(t, url, { observer }, "/");
  assert.equal(await told.next(), "connected");
  assert.match(await told.next(), /^protocol: the control plane broke HTTP\/2: codec_error/);
  assert.deepEqual(observer.events, ["request", "connection_closed", "closing"]);
});

test("what is closed before it is connected tells nothing", options, async (t) => {
  const url = await listen(t, http2.createServer());
  const observer = new Recorder();
  const { exchange, told } = exchangeWith(t, url, { observer }, "/");
  exchange.close();
  told.push("nothing");
  assert.equal(await told.next(), "nothing");
  assert.deepEqual(observer.events, ["closing"]);
});

test("pings go on while they are answered", options, async (t) => {
  const server = http2.createServer();
  const url = await listen(t, server);
  const opened = once(server, "session") as Promise<[http2.ServerHttp2Session]>;
  exchangeWith(t, url, { ping: { intervalMs: 1, timeoutMs: 10_000 } });
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
  const { told } = exchangeWith(t, url, { observer, ping: { intervalMs: 1, timeoutMs: 1 } });
  assert.equal(await told.next(), "connected");
  assert.equal(await told.next(), "closed: no answer to a ping in 1 ms");
  assert.deepEqual(observer.events, ["keepalive timeout"]);
});
