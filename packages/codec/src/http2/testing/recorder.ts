import { HeaderMap } from "../../header-map.ts";
import type {
  Http2ConnectionCallbacks,
  Http2ConnectionError,
  Http2Counter,
  Http2Counters,
  Http2Sink,
  Http2StreamCallbacks,
} from "../callbacks.ts";
import { Http2ClientCodec } from "../client-codec.ts";
import { DEFAULT_HTTP2_OPTIONS, type Http2Options } from "../options.ts";
import { Http2ServerCodec } from "../server-codec.ts";
import type { Http2Stream } from "../stream.ts";
import { readFrames, type Fields } from "./frames.ts";

/** Keeps what a codec writes. */
class RecordingSink implements Http2Sink {
  text = "";
  /** What a socket that does not drain would say. */
  unsentBytes = 0;
  /** Every write counts as unsent. */
  stuck = false;
  /** Called behind each write, as a socket that fails at once tells its owner. */
  act: () => void = () => {};

  writeLatin1(text: string): void {
    this.#add(text);
  }

  writeBytes(data: Buffer): void {
    this.#add(data.toString("latin1"));
  }

  writePieces(heads: readonly string[], data: Buffer, pieceBytes: number): void {
    heads.forEach((head, i) => {
      const at = i * pieceBytes;
      this.#add(head + data.latin1Slice(at, Math.min(at + pieceBytes, data.length)));
    });
  }

  /** What was written since the last call. */
  take(): string {
    const { text } = this;
    this.text = "";
    return text;
  }

  #add(text: string): void {
    this.text += text;
    if (this.stuck) this.unsentBytes += text.length;
    this.act();
  }
}

/** Counters by name. */
class RecordingCounters implements Http2Counters {
  readonly values: { [name: string]: number } = {};

  add(counter: Http2Counter, by: number): void {
    this.values[counter] = (this.values[counter] ?? 0) + by;
  }
}

/** A map of `fields`, pseudo headers too. */
export function headerMap(fields: Fields): HeaderMap {
  const map = new HeaderMap();
  for (const [name, value] of fields) {
    if (name.startsWith(":")) map.set(name, value);
    else map.add(name, value);
  }
  return map;
}

/** A map as one line. */
export function plainHeaders(headers: HeaderMap): string {
  const lines: string[] = [];
  for (const name of [":method", ":scheme", ":authority", ":path", ":protocol", ":status"]) {
    const value = headers.get(name);
    if (value !== undefined) lines.push(`${name}=${value}`);
  }
  const { entries } = headers;
  for (let i = 0; i < entries.length; i += 2) lines.push(`${entries[i]}=${entries[i + 1]}`);
  return lines.join(",");
}

/** Writes down what one stream tells; data that comes in pieces is one line. */
export class RecordingStream implements Http2StreamCallbacks {
  readonly events: string[] = [];
  endsSent = 0;
  #data = "";
  /** Called behind each event, to act on it. */
  act: (event: string) => void = () => {};

  on1xxHeaders(headers: HeaderMap): void {
    this.#note(`1xx ${plainHeaders(headers)}`);
  }

  onHeaders(headers: HeaderMap, endStream: boolean): void {
    this.#note(`headers ${plainHeaders(headers)}${endStream ? " END" : ""}`);
  }

  onData(data: Buffer, endStream: boolean): void {
    this.#data += data.toString("latin1");
    if (endStream) this.#flushData(" END");
    this.act(endStream ? "data END" : "data");
  }

  onTrailers(trailers: HeaderMap): void {
    this.#note(`trailers ${plainHeaders(trailers)}`);
  }

  onEndSent(): void {
    this.endsSent++;
    this.act("end sent");
  }

  onReset(reason: string, details: string): void {
    this.#note(`reset ${reason} ${details}`);
  }

  onAboveWriteBufferHighWatermark(): void {
    this.#note("high");
  }

  onBelowWriteBufferLowWatermark(): void {
    this.#note("low");
  }

  onClosed(): void {
    this.#note("closed");
  }

  /** All so far, unfinished data included. */
  get all(): string[] {
    this.#flushData("");
    return this.events;
  }

  #note(event: string): void {
    this.#flushData("");
    this.events.push(event);
    this.act(event);
  }

  #flushData(end: string): void {
    if (this.#data === "" && end === "") return;
    const data = this.#data;
    this.#data = "";
    this.events.push(
      `data ${data.length > 64 ? `${data.length} bytes` : JSON.stringify(data)}${end}`,
    );
  }
}

/** What the connection tells, and its streams by id. */
class RecordingConnection implements Http2ConnectionCallbacks {
  readonly streams = new Map<Http2Stream, RecordingStream>();
  readonly events: string[] = [];
  error: Http2ConnectionError | null = null;
  /** Called with each new stream. */
  onStream: (stream: Http2Stream, seen: RecordingStream) => void = () => {};

  onNewStream(stream: Http2Stream): Http2StreamCallbacks {
    const seen = new RecordingStream();
    this.streams.set(stream, seen);
    this.onStream(stream, seen);
    return seen;
  }

  onStreamClosed(stream: Http2Stream): void {
    this.streams.get(stream)!.onClosed();
  }

  onGoAway(): void {
    this.events.push("goaway");
  }

  onSettings(): void {
    this.events.push("settings");
  }

  onPingAck(): void {
    this.events.push("ping ack");
  }

  onConnectionError(error: Http2ConnectionError): void {
    this.error = error;
    this.events.push(`error ${error.code} ${error.details}`);
  }
}

/** A server codec under test. */
export class TestServer {
  readonly sink = new RecordingSink();
  readonly counters = new RecordingCounters();
  readonly connection = new RecordingConnection();
  readonly codec: Http2ServerCodec;

  constructor(options: Partial<Http2Options> = {}) {
    const all = { ...DEFAULT_HTTP2_OPTIONS, ...options };
    this.codec = new Http2ServerCodec(this.sink, this.connection, all, this.counters);
  }

  /** Feeds text, cut at `cuts`. */
  read(text: string, cuts: readonly number[] = []): void {
    feed(this.codec, text, cuts);
  }

  /** What was written so far, a line a frame, without our own settings. */
  get written(): string[] {
    return readFrames(this.sink.text).filter((line) => !isGreeting(line));
  }

  stream(id: number): Http2Stream {
    return byId(this.connection.streams, id)[0];
  }

  seen(id: number): string[] {
    return byId(this.connection.streams, id)[1].all;
  }
}

/** A client codec under test. */
export class TestClient {
  readonly sink = new RecordingSink();
  readonly counters = new RecordingCounters();
  readonly connection = new RecordingConnection();
  readonly codec: Http2ClientCodec;

  constructor(options: Partial<Http2Options> = {}) {
    const all = { ...DEFAULT_HTTP2_OPTIONS, ...options };
    this.codec = new Http2ClientCodec(this.sink, this.connection, all, this.counters);
  }

  read(text: string, cuts: readonly number[] = []): void {
    feed(this.codec, text, cuts);
  }

  get written(): string[] {
    return readFrames(this.sink.text).filter((line) => !isGreeting(line));
  }

  newStream(): [Http2Stream, RecordingStream] {
    const seen = new RecordingStream();
    const stream = this.codec.newStream(seen);
    this.connection.streams.set(stream, seen);
    this.connection.onStream(stream, seen);
    return [stream, seen];
  }

  /** Sends a request without content, or the head of one. */
  request(fields: Fields, endStream = true): [Http2Stream, RecordingStream] {
    const opened = this.newStream();
    opened[0].encodeHeaders(headerMap(fields), endStream);
    return opened;
  }

  seen(id: number): string[] {
    return byId(this.connection.streams, id)[1].all;
  }
}

/** Feeds bytes in the pieces that `cuts`, ascending, make; each from a buffer that is overwritten afterwards. */
export function feed(
  codec: { execute(buffer: Buffer, start: number, end: number): void },
  text: string,
  cuts: readonly number[],
): void {
  let from = 0;
  for (const cut of [...cuts, text.length]) {
    const to = Math.min(cut, text.length);
    if (to <= from && text.length > 0) continue;
    const buffer = Buffer.from(`??${text.slice(from, to)}??`, "latin1");
    codec.execute(buffer, 2, buffer.length - 2);
    buffer.fill(0x3f);
    from = to;
  }
}

function byId(
  streams: ReadonlyMap<Http2Stream, RecordingStream>,
  id: number,
): [Http2Stream, RecordingStream] {
  for (const entry of streams) if (entry[0].id === id) return entry;
  throw new Error(`no stream ${id}`);
}

function isGreeting(line: string): boolean {
  return line === "preface" || line.startsWith("SETTINGS") || line === "WINDOW_UPDATE 0 25100289";
}
