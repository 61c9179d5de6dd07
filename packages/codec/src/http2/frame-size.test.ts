import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Http2ErrorCode } from "./error-codes.ts";
import { FrameType } from "./frames.ts";
import type { Http2Options } from "./options.ts";
import { block, data, frame, GET, headers, POST, PREFACE } from "./testing/frames.ts";
import { TestServer } from "./testing/recorder.ts";

function start(options: Partial<Http2Options>): TestServer {
  const server = new TestServer(options);
  server.read(PREFACE);
  return server;
}

describe("how large frames may be", () => {
  it("as large as our setting says", () => {
    const server = start({ maxFrameSizeBytes: 20_000 });
    server.read(headers(1, POST, false) + data(1, "x".repeat(20_000), false));
    assert.deepEqual(server.connection.events, ["settings"]);
    server.read(data(1, "x".repeat(20_001)).slice(0, 9));
    assert.equal(server.connection.error?.code, Http2ErrorCode.FrameSizeError);
  });

  for (const type of [FrameType.Headers, FrameType.Continuation, FrameType.Settings, 0x42]) {
    it(`type ${type}: it is kept until it is whole, so no larger than a header block`, () => {
      const options = { maxFrameSizeBytes: 1_000_000, maxHeadersKb: 20 };
      const text = (bytes: number): string =>
        (type === FrameType.Continuation ? frame(FrameType.Headers, 0, 1, block(GET)) : "") +
        frame(type, 0, type === FrameType.Settings ? 0 : 1, "\0".repeat(bytes)).slice(0, 9);
      const server = start(options);
      server.read(text(40 * 1024));
      assert.equal(server.connection.error, null);
      const refusing = start(options);
      refusing.read(text(40 * 1024 + 1));
      assert.equal(refusing.connection.error?.code, Http2ErrorCode.FrameSizeError);
    });
  }
});
