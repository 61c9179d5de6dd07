import type { WireMessage } from "../message-reader.ts";
import {
  decodeSettings,
  encodeFrame,
  encodeSettings,
  errorName,
  FLAGS,
  FRAME_TYPES,
  FrameReader,
  PREFACE,
  unpad,
  word,
  type Frame,
} from "./frames.ts";
import { encodeFields, HpackDecoder, type Field } from "./hpack.ts";
import { SendQueue } from "./send-queue.ts";

const WINDOW_MAX = 2 ** 31 - 1;
const FIRST_WINDOW = 65_535;

/** How a side behaves beside what it is told to send. */
export interface SessionOptions {
  /** Its SETTINGS; by default a window as large as can be, so that it never has to be opened again. */
  readonly settings?: { readonly [name: string]: number };
  /** The connection's window, in bytes; as large as can be by default. */
  readonly connection_window?: number;
  /** Opens the windows again by what comes. */
  readonly reopen?: true;
  /** Says nothing by itself: no preface, no SETTINGS, no acknowledgement. */
  readonly mute?: true;
}

/** What the peer did on one stream. */
export interface SeenStream {
  readonly id: number;
  /** Of a server's peer one request; of a client's, interim responses and the final one. */
  readonly messages: WireMessage[];
  /** The error code of the peer's RST_STREAM. */
  reset: string | null;
  /** What comes is sent back. */
  echoes: boolean;
  readonly pieces: Buffer[];
}

/**
 * One side of an HTTP/2 connection that does what it is told, and records. It shares nothing with the codec it tests,
 * judges nothing, and sends any frame. Not for a proxy's data path.
 */
export class Http2Session {
  /** By stream id, in the order in which their first HEADERS came. */
  readonly streams: Map<number, SeenStream> = new Map();
  /** All messages in the order in which they began. */
  readonly messages: WireMessage[] = [];
  /** The peer's first SETTINGS. */
  peerSettings: readonly (readonly [string, number])[] | null = null;
  /** Each GOAWAY of the peer in words. */
  readonly goaways: string[] = [];
  /** Payloads of acknowledged PINGs. */
  readonly pongs: string[] = [];
  /** What could not be read, if anything. */
  fault: string | null = null;
  /** Called with each first HEADERS of a stream, and when its message is complete. */
  onHead: (stream: SeenStream) => void = () => {};
  onComplete: (stream: SeenStream) => void = () => {};
  readonly #isClient: boolean;
  readonly #options: SessionOptions;
  readonly #write: (bytes: Buffer) => void;
  readonly #reader = new FrameReader();
  readonly #decoder = new HpackDecoder();
  readonly #queue: SendQueue;
  #prefaceMissing: number;
  /** The HEADERS frame whose CONTINUATIONs are awaited. */
  #head: { readonly frame: Frame; readonly block: Buffer[] } | null = null;

  constructor(role: "client" | "server", options: SessionOptions, write: (bytes: Buffer) => void) {
    this.#isClient = role === "client";
    this.#options = options;
    this.#write = write;
    this.#queue = new SendQueue((frame) => this.sendFrame(frame));
    this.#prefaceMissing = this.#isClient ? 0 : PREFACE.length;
    if (options.mute === true) return;
    if (this.#isClient) write(PREFACE);
    const settings = options.settings ?? { INITIAL_WINDOW_SIZE: WINDOW_MAX };
    this.#send(FRAME_TYPES.SETTINGS, 0, 0, encodeSettings(settings));
    const more = (options.connection_window ?? WINDOW_MAX) - FIRST_WINDOW;
    if (more > 0) this.#send(FRAME_TYPES.WINDOW_UPDATE, 0, 0, word(more));
  }

  get isMute(): boolean {
    return this.#options.mute === true;
  }

  /** Bytes that make no frame (yet). */
  get rest(): Buffer {
    return this.#reader.rest;
  }

  /** Whether a stream's final message is complete, or the peer reset it. */
  isFinal(id: number): boolean {
    const stream = this.streams.get(id);
    if (stream === undefined) return false;
    const last = stream.messages.at(-1);
    return stream.reset !== null || (last?.complete === true && !isInterim(last));
  }

  /** How many streams are final. */
  get finalCount(): number {
    return [...this.streams.keys()].filter((id) => this.isFinal(id)).length;
  }

  push(data: Buffer): void {
    const preface = Math.min(this.#prefaceMissing, data.length);
    this.#prefaceMissing -= preface;
    this.#reader.push(data.subarray(preface));
    for (let frame = this.#reader.next(); frame !== null; frame = this.#reader.next()) {
      try {
        this.#take(frame);
      } catch (error) {
        this.fault ??= error instanceof Error ? error.message : String(error);
      }
    }
  }

  /** Puts what came so far into the bodies of unfinished messages. */
  collect(): void {
    for (const { messages, pieces } of this.streams.values()) {
      const last = messages.at(-1);
      if (last !== undefined) last.body = Buffer.concat(pieces);
    }
  }

  sendFrame(frame: Frame, length?: number): void {
    this.#write(encodeFrame(frame, length));
  }

  sendHeaders(stream: number, fields: readonly Field[], end: boolean): void {
    this.#queue.headers(stream, encodeFields(fields), end);
  }

  /** Sent as far as the peer's windows allow; the rest follows when they open. */
  sendData(stream: number, data: Buffer, end: boolean): void {
    this.#queue.data(stream, data, end);
  }

  sendReset(stream: number, code: number): void {
    this.#send(FRAME_TYPES.RST_STREAM, 0, stream, word(code));
  }

  #send(type: number, flags: number, stream: number, payload: Buffer): void {
    this.sendFrame({ type, flags, stream, payload });
  }

  #take(frame: Frame): void {
    switch (frame.type) {
      case FRAME_TYPES.HEADERS:
        this.#takeBlock({ frame, block: [unpad(frame)] }, frame);
        break;
      case FRAME_TYPES.CONTINUATION:
        this.#head?.block.push(frame.payload);
        if (this.#head !== null) this.#takeBlock(this.#head, frame);
        break;
      case FRAME_TYPES.DATA:
        this.#takeData(frame);
        break;
      case FRAME_TYPES.RST_STREAM:
        this.#stream(frame.stream).reset = errorName(frame.payload.readUInt32BE(0));
        this.#queue.drop(frame.stream);
        break;
      case FRAME_TYPES.SETTINGS:
        this.#takeSettings(frame);
        break;
      case FRAME_TYPES.PING:
        this.#takePing(frame);
        break;
      case FRAME_TYPES.GOAWAY:
        this.goaways.push(goawayInWords(frame.payload));
        break;
      case FRAME_TYPES.WINDOW_UPDATE:
        this.#queue.open(frame.stream, frame.payload.readUInt32BE(0));
        break;
    }
  }

  #takeBlock(head: { readonly frame: Frame; readonly block: Buffer[] }, frame: Frame): void {
    const isWhole = (frame.flags & FLAGS.END_HEADERS) !== 0;
    this.#head = isWhole ? null : head;
    if (!isWhole) return;
    const fields = this.#decoder.decode(Buffer.concat(head.block));
    this.#takeFields(
      this.#stream(head.frame.stream),
      fields,
      (head.frame.flags & FLAGS.END_STREAM) !== 0,
    );
  }

  #takeFields(stream: SeenStream, fields: Field[], end: boolean): void {
    const last = stream.messages.at(-1);
    if (last !== undefined && !isInterim(last)) {
      last.trailers = fields;
      if (end) this.#finish(stream, last);
      return;
    }
    const message: WireMessage = {
      head: fields.map(([name, value]) => `${name}: ${value}\r\n`).join(""),
      startLine: "HTTP/2",
      headers: fields,
      framing: end ? "none" : "frames",
      body: Buffer.alloc(0),
      trailers: [],
      complete: false,
    };
    stream.messages.push(message);
    this.messages.push(message);
    if (isInterim(message)) message.complete = true;
    this.onHead(stream);
    if (end) this.#finish(stream, message);
  }

  #takeData(frame: Frame): void {
    const stream = this.#stream(frame.stream);
    const data = Buffer.from(unpad(frame));
    stream.pieces.push(data);
    if (this.#options.reopen === true && frame.payload.length > 0) {
      const increment = word(frame.payload.length);
      this.#send(FRAME_TYPES.WINDOW_UPDATE, 0, 0, increment);
      this.#send(FRAME_TYPES.WINDOW_UPDATE, 0, frame.stream, increment);
    }
    if (stream.echoes && data.length > 0) this.sendData(stream.id, data, false);
    const last = stream.messages.at(-1);
    if ((frame.flags & FLAGS.END_STREAM) !== 0 && last !== undefined) this.#finish(stream, last);
  }

  #finish(stream: SeenStream, message: WireMessage): void {
    message.body = Buffer.concat(stream.pieces);
    message.complete = true;
    this.onComplete(stream);
  }

  #takeSettings(frame: Frame): void {
    if ((frame.flags & FLAGS.ACK) !== 0) return;
    const settings = decodeSettings(frame.payload);
    this.peerSettings ??= settings;
    if (this.#options.mute !== true)
      this.#send(FRAME_TYPES.SETTINGS, FLAGS.ACK, 0, Buffer.alloc(0));
    this.#queue.settings(new Map(settings));
  }

  #takePing(frame: Frame): void {
    if ((frame.flags & FLAGS.ACK) !== 0) this.pongs.push(frame.payload.toString("latin1"));
    else if (this.#options.mute !== true) this.#send(FRAME_TYPES.PING, FLAGS.ACK, 0, frame.payload);
  }

  #stream(id: number): SeenStream {
    let stream = this.streams.get(id);
    if (stream === undefined) {
      stream = { id, messages: [], reset: null, echoes: false, pieces: [] };
      this.streams.set(id, stream);
    }
    return stream;
  }
}

function isInterim(message: WireMessage): boolean {
  const status = message.headers.find(([name]) => name === ":status")?.[1] ?? "";
  return status.length === 3 && status.startsWith("1");
}

function goawayInWords(payload: Buffer): string {
  const last = payload.readUInt32BE(0) & WINDOW_MAX;
  const debug = payload.toString("latin1", 8);
  return `last stream ${last}, ${errorName(payload.readUInt32BE(4))}${debug === "" ? "" : `, ${JSON.stringify(debug)}`}`;
}
