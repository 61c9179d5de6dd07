import assert from "node:assert/strict";
import { test } from "node:test";
import { data, GET, headers, POST, PREFACE } from "./testing/frames.ts";
import { RecordingStream, TestServer } from "./testing/recorder.ts";

/** A stream whose head, or data, pauses the codec. */
class PausingStream extends RecordingStream {
  readonly #pause: () => void;

  constructor(pause: () => void) {
    super();
    this.#pause = pause;
  }

  override onHeaders(...args: Parameters<RecordingStream["onHeaders"]>): void {
    super.onHeaders(...args);
    this.#pause();
  }

  override onData(...args: Parameters<RecordingStream["onData"]>): void {
    super.onData(...args);
    this.#pause();
  }
}

function pausing(): TestServer {
  const server = new TestServer();
  const { connection } = server;
  connection.onNewStream = (stream) => {
    const seen = new PausingStream(() => server.codec.pause());
    connection.streams.set(stream, seen);
    return seen;
  };
  return server;
}

void test("after a pause the rest of the input is given again", () => {
  const server = pausing();
  const parts = [
    PREFACE + headers(1, GET),
    headers(3, POST, false),
    data(3, "one", false),
    data(3, "two"),
    headers(5, GET),
  ];
  const bytes = Buffer.from(parts.join(""), "latin1");
  const ends: number[] = [];
  for (let at = 0; at < bytes.length;) {
    at = server.codec.execute(bytes, at, bytes.length);
    ends.push(at);
  }
  let end = 0;
  assert.deepEqual(
    ends,
    parts.map((part) => (end += part.length)),
  );
  assert.equal(server.connection.streams.size, 3);
  assert.equal(server.connection.error, null);
});

void test("a pause inside of DATA holds behind the piece that was told", () => {
  const server = pausing();
  server.read(PREFACE + headers(1, POST, false));
  const bytes = Buffer.from(data(1, "abcdef") + headers(3, GET), "latin1");
  const cut = 9 + 3;
  assert.equal(server.codec.execute(bytes, 0, cut), cut);
  assert.equal(server.codec.execute(bytes, cut, bytes.length), cut + 3);
  assert.equal(server.codec.execute(bytes, cut + 3, bytes.length), bytes.length);
  assert.equal(server.connection.streams.size, 2);
});

void test("behind an error of the connection nothing is given back", () => {
  const server = pausing();
  const bytes = Buffer.from(PREFACE + headers(2, GET) + headers(3, GET), "latin1");
  assert.equal(server.codec.execute(bytes, 0, bytes.length), bytes.length);
  assert.notEqual(server.connection.error, null);
});
