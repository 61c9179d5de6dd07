import assert from "node:assert/strict";
import {
  type HeaderMap,
  type Http2ConnectionCallbacks,
  type Http2ConnectionError,
  type Http2Counter,
  type Http2Counters,
  type Http2ResetReason,
  type Http2Sink,
  type Http2Stream,
  type Http2StreamCallbacks,
} from "@nuncio/codec";

/** What a recorder's owner does when it is told something. */
export interface StreamOwnerActions {
  onHeaders(stream: Http2Stream): void;
  onEnd(stream: Http2Stream, withTrailers: boolean): void;
  onClosed(): void;
}

/**
 * Keeps all that a codec of HTTP/2 tells, and what it writes, in order; throws when it tells what must not come. Pieces of
 * data are joined, for where they are cut is the reader's business; those in front of a reset are left out, for the rest of
 * their frame may be what it is about.
 */
export class Http2Events implements Http2ConnectionCallbacks, Http2Sink, Http2Counters {
  readonly events: string[] = [];
  output = "";
  /** Nothing takes the output. */
  unsentBytes = 0;
  /** Called behind each write. */
  onWrite: () => void = () => {};
  readonly gauges = new Map<Http2Counter, number>();
  readonly #actions: StreamOwnerActions;
  #data = "";
  #dataStream = 0;
  #ended = false;

  constructor(actions: StreamOwnerActions) {
    this.#actions = actions;
  }

  writeLatin1(text: string): void {
    this.output += text;
    this.unsentBytes += text.length;
    this.onWrite();
  }

  writeBytes(data: Buffer): void {
    this.writeLatin1(data.toString("latin1"));
  }

  writePieces(heads: readonly string[], data: Buffer, pieceBytes: number): void {
    heads.forEach((head, i) => {
      this.writeLatin1(head);
      this.writeBytes(data.subarray(i * pieceBytes, (i + 1) * pieceBytes));
    });
  }

  add(counter: Http2Counter, by: number): void {
    this.gauges.set(counter, (this.gauges.get(counter) ?? 0) + by);
  }

  onNewStream(stream: Http2Stream): Http2StreamCallbacks {
    this.tell(`${stream.id} new`);
    return new StreamEvents(this, this.#actions, () => stream);
  }

  onStreamClosed(stream: Http2Stream): void {
    this.tell(`${stream.id} closed`);
    (stream.callbacks as StreamEvents).onClosed();
  }

  onGoAway(): void {
    this.tell("goaway");
  }

  onSettings(): void {
    this.tell("settings");
  }

  onPingAck(): void {
    this.tell("ping ack");
  }

  onConnectionError({ code, details }: Http2ConnectionError): void {
    this.tell(`error ${code} ${details}`);
    this.#ended = true;
  }

  /** The end of the input. */
  finish(): void {
    this.#flush();
  }

  /** Something happened; what came before it is complete. Behind an error of the connection its streams end, and no more. */
  tell(event: string): void {
    assert.ok(
      !this.#ended || /^\d+ (reset|closed)/.test(event),
      `told behind the end of the connection: ${event}`,
    );
    this.#flush();
    this.events.push(event);
  }

  /** A piece of a stream's data. */
  addData(streamId: number, data: Buffer): void {
    if (this.#dataStream !== streamId) this.#flush();
    this.#dataStream = streamId;
    this.#data += data.toString("latin1");
  }

  /** A reset comes: what was read of the stream just before is not told. */
  dropData(streamId: number): void {
    if (this.#dataStream === streamId) this.#data = "";
  }

  #flush(): void {
    if (this.#data !== "") this.events.push(`${this.#dataStream} data ${this.#data}`);
    this.#data = "";
  }
}

/** What is told of one stream; holds it to its order. */
export class StreamEvents implements Http2StreamCallbacks {
  readonly #events: Http2Events;
  readonly #actions: StreamOwnerActions;
  readonly #streamOf: () => Http2Stream;
  #state: "head" | "body" | "ended" | "reset" | "closed" = "head";

  constructor(events: Http2Events, actions: StreamOwnerActions, streamOf: () => Http2Stream) {
    this.#events = events;
    this.#actions = actions;
    this.#streamOf = streamOf;
  }

  on1xxHeaders(headers: HeaderMap): void {
    assert.equal(this.#state, "head", "1xx behind the head");
    this.#tell(`1xx ${textOf(headers)}`);
  }

  onHeaders(headers: HeaderMap, endStream: boolean): void {
    assert.equal(this.#state, "head", "a second head");
    this.#state = "body";
    this.#tell(`headers ${textOf(headers)} ${endStream}`);
    this.#actions.onHeaders(this.#streamOf());
    if (endStream) this.#end(false);
  }

  onData(data: Buffer, endStream: boolean): void {
    assert.equal(this.#state, "body", "data outside a body");
    this.#events.addData(this.#streamOf().id, data);
    if (!endStream) return;
    this.#tell("end");
    this.#end(false);
  }

  onTrailers(trailers: HeaderMap): void {
    assert.equal(this.#state, "body", "trailers outside a body");
    this.#tell(`trailers ${textOf(trailers)}`);
    this.#end(true);
  }

  onReset(reason: Http2ResetReason, details: string): void {
    assert.ok(this.#state !== "reset" && this.#state !== "closed", "reset twice");
    this.#state = "reset";
    this.#events.dropData(this.#streamOf().id);
    this.#tell(`reset ${reason} ${details}`);
  }

  onEndSent(): void {
    assert.ok(this.#state !== "reset" && this.#state !== "closed", "end sent behind a reset");
    this.#tell("end sent");
  }

  onAboveWriteBufferHighWatermark(): void {
    this.#tell("high");
  }

  onBelowWriteBufferLowWatermark(): void {
    this.#tell("low");
  }

  /** Told by the connection, once, behind all else. Nobody here resets a stream. */
  onClosed(): void {
    assert.ok(this.#state === "ended" || this.#state === "reset", `closed as ${this.#state}`);
    this.#state = "closed";
    this.#actions.onClosed();
  }

  #end(withTrailers: boolean): void {
    // What was done about the head may have ended the connection.
    if (this.#state !== "body") return;
    this.#state = "ended";
    this.#actions.onEnd(this.#streamOf(), withTrailers);
  }

  #tell(event: string): void {
    this.#events.tell(`${this.#streamOf().id} ${event}`);
  }
}

function textOf(headers: HeaderMap): string {
  const { method, scheme, authority, path, status, protocol, entries } = headers;
  return JSON.stringify([method, scheme, authority, path, status, protocol, ...entries]);
}
