import assert from "node:assert/strict";
import {
  DEFAULT_HTTP2_OPTIONS,
  HeaderMap,
  HTTP2_CLIENT_PREFACE,
  Http2ClientCodec,
  type Http2Options,
  Http2ServerCodec,
  type Http2Stream,
} from "@nuncio/codec";
import { assertSplitInvariant } from "../split.ts";
import type { FuzzTarget } from "../target.ts";
import { REQUEST_ATTACKS, RESPONSE_ATTACKS } from "./http2-attack-seeds.ts";
import { Http2Events, StreamEvents, type StreamOwnerActions } from "./http2-events.ts";
import { parseFrames } from "./http2-frames.ts";
import { HTTP2_DICTIONARY, REQUEST_FRAMES, RESPONSE_FRAMES } from "./http2-seeds.ts";
import { frameMutator } from "./mutate-frames.ts";

const COVERS = ["/codec/src/http2/"];
const PREFACE = Buffer.from(HTTP2_CLIENT_PREFACE, "latin1");
/** Two of them pass a stream's window nearly, three the connection's. */
const BODY = Buffer.alloc(25_000, "b");
/** Requests that a client has open at once, and how many there are in all. */
const REQUESTS_OPEN = 3;
const REQUESTS = 6;
/** The first writes of a codec behind its settings, each of which fails in some runs. */
const WRITES_FAILING = 24;
/** Limits that inputs of a few thousand bytes reach. */
const OPTIONS: Http2Options = {
  ...DEFAULT_HTTP2_OPTIONS,
  maxConcurrentStreams: 4,
  initialStreamWindowBytes: 500,
  allowConnect: true,
  maxOutboundFrames: 60,
  maxOutboundControlFrames: 20,
  maxInboundPriorityFramesPerStream: 5,
  maxInboundIgnoredFramesPerMessageFrame: 2,
  overrideStreamErrorOnInvalidHttpMessage: true,
  maxHeadersKb: 1,
  maxHeadersCount: 20,
  streamResetBurst: 5,
  ownResetBurst: 5,
  settingsBurst: 5,
  streamBufferLimitBytes: 20_000,
  connectionBufferLimitBytes: 30_000,
  crowdedStreamBufferLimitBytes: 5000,
};

/** A connection as a server reads it. */
export const http2Server: FuzzTarget = {
  name: "http2-server",
  covers: COVERS,
  runs: 8_000,
  seeds: [...REQUEST_FRAMES, ...REQUEST_ATTACKS].map((frames) => Buffer.concat([PREFACE, frames])),
  dictionary: HTTP2_DICTIONARY,
  mutate: frameMutator(PREFACE.length),
  run(input) {
    assertSplitInvariant(input, (cuts) => serve(input, cuts));
    serve(input, [], failingWrite(input));
  },
};

/** A connection with requests under way as a client reads it. */
export const http2Client: FuzzTarget = {
  name: "http2-client",
  covers: COVERS,
  runs: 8_000,
  seeds: [...RESPONSE_FRAMES, ...RESPONSE_ATTACKS],
  dictionary: HTTP2_DICTIONARY,
  mutate: frameMutator(0),
  run(input) {
    assertSplitInvariant(input, (cuts) => request(input, cuts));
    request(input, [], failingWrite(input));
  },
};

function serve(input: Buffer, cuts: readonly number[], failing = Infinity): unknown {
  const events = new Http2Events(serverActions());
  const codec = new Http2ServerCodec(events, events, OPTIONS, events);
  failAt(failing, codec, events);
  return drive(codec, events, input, cuts);
}

function request(input: Buffer, cuts: readonly number[], failing = Infinity): unknown {
  const requests = new Requests();
  const events = new Http2Events(requests);
  const codec = new Http2ClientCodec(events, events, OPTIONS, events);
  failAt(failing, codec, events);
  requests.begin(codec, events);
  return drive(codec, events, input, cuts);
}

/** Which write fails, drawn from the input, so that it says all. */
function failingWrite(input: Buffer): number {
  return 1 + (input.reduce((sum, octet) => sum + octet, 0) % WRITES_FAILING);
}

/** A socket that the peer has reset fails in a write, and the connection ends inside of the codec's call. */
function failAt(failing: number, codec: { terminate(): void }, events: Http2Events): void {
  let writes = 0;
  events.onWrite = () => {
    if (++writes === failing) codec.terminate();
  };
}

/** Feeds a codec the way a connection does, ends it, and says all that came of it. */
function drive(
  codec: Http2ServerCodec | Http2ClientCodec,
  events: Http2Events,
  input: Buffer,
  cuts: readonly number[],
): unknown {
  const shared = Buffer.alloc(input.length + 8);
  let start = 0;
  for (const cut of [...cuts, input.length]) {
    shared.fill(0xee);
    input.copy(shared, 3, start, cut);
    codec.execute(shared, 3, 3 + cut - start);
    start = cut;
  }
  events.finish();
  const { output } = events;
  assertOutput(output, codec instanceof Http2ClientCodec ? PREFACE.length : 0);
  const { ended } = codec;
  codec.terminate();
  assert.equal(codec.activeStreams, 0, "streams left");
  for (const gauge of ["streams_active", "pending_send_bytes"] as const)
    assert.equal(events.gauges.get(gauge) ?? 0, 0, `${gauge} left`);
  return { events: events.events, ended, output, counters: [...events.gauges] };
}

/** What is written are whole frames that the peer has to take. */
function assertOutput(output: string, prefixBytes: number): void {
  const bytes = Buffer.from(output, "latin1");
  const frames = parseFrames(bytes.subarray(prefixBytes));
  const length = frames.reduce((sum, { payload }) => sum + 9 + payload.length, prefixBytes);
  assert.equal(length, bytes.length, "output of incomplete frames");
}

/**
 * Answers with a head and some data at once, the rest at the end of the request. Reading is disabled, so that the windows
 * depend on the bytes only and not on how they were cut.
 */
function serverActions(): StreamOwnerActions {
  return {
    onHeaders(stream) {
      stream.readDisable(true);
      const headers = new HeaderMap();
      headers.status = 200;
      headers.add("x-own", "value");
      stream.encodeHeaders(headers, false);
      stream.encodeData(BODY, false);
    },
    onEnd(stream, withTrailers) {
      if (!withTrailers) {
        stream.encodeData(BODY, true);
        return;
      }
      const trailers = new HeaderMap();
      trailers.add("x-trailer", "value");
      stream.encodeTrailers(trailers);
    },
    onClosed() {},
  };
}

/** Keeps a few requests under way: each that is gone makes room for the next one. */
class Requests implements StreamOwnerActions {
  #codec: Http2ClientCodec | null = null;
  #events: Http2Events | null = null;
  #sent = 0;

  begin(codec: Http2ClientCodec, events: Http2Events): void {
    this.#codec = codec;
    this.#events = events;
    for (let i = 0; i < REQUESTS_OPEN; i++) this.onClosed();
  }

  onHeaders(stream: Http2Stream): void {
    stream.readDisable(true);
  }

  onEnd(): void {}

  onClosed(): void {
    const codec = this.#codec!;
    if (this.#sent === REQUESTS || !codec.canOpenStream) return;
    const method = ["GET", "POST", "HEAD", "CONNECT"][this.#sent++ % 4]!;
    const stream: Http2Stream = codec.newStream(
      new StreamEvents(this.#events!, this, () => stream),
    );
    const headers = new HeaderMap();
    headers.method = method;
    headers.authority = "a.test";
    headers.scheme = "http";
    headers.path = "/";
    const hasBody = method === "POST" || method === "CONNECT";
    stream.encodeHeaders(headers, !hasBody);
    if (hasBody) stream.encodeData(BODY, method === "POST");
  }
}
