import type { HeaderMap } from "../header-map.ts";
import type { Http2ConnectionError, Http2Sink } from "./callbacks.ts";
import type { CodecStream } from "./codec-stream.ts";
import { ConnectionErrors } from "./connection-errors.ts";
import { FRAME_HEAD_BYTES, FrameFlag, frameHead, FrameType, uint32Text } from "./frames.ts";
import { HpackEncoder } from "./hpack/encoder.ts";
import type { Http2Options } from "./options.ts";
import { OutboundMeter } from "./outbound-meter.ts";
import type { PeerSettings } from "./settings.ts";

/** Writes frames, and counts those that wait for the socket. */
export class FrameWriter {
  /** What the output amounts to: more frames wait than may. Looked at by the connection with the next input. */
  flood: Http2ConnectionError | null = null;
  /** DATA frames so far. */
  sentDataFrames = 0;

  readonly encoder: HpackEncoder;
  readonly #sink: Http2Sink;
  readonly #peer: PeerSettings;
  readonly #frames: OutboundMeter;
  readonly #controlFrames: OutboundMeter;
  #writtenBytes = 0;

  constructor(sink: Http2Sink, peer: PeerSettings, options: Http2Options) {
    this.#sink = sink;
    this.#peer = peer;
    this.encoder = new HpackEncoder(options.hpackTableSizeBytes, options.huffman);
    this.#frames = new OutboundMeter(options.maxOutboundFrames);
    this.#controlFrames = new OutboundMeter(options.maxOutboundControlFrames);
  }

  /** Text that is no frame, or one that is not counted: the beginning of a connection. */
  raw(text: string): void {
    this.#writtenBytes += text.length;
    this.#sink.writeLatin1(text);
  }

  /** A section of fields, in as many frames as the peer's largest one asks for. */
  headers(stream: CodecStream, headers: HeaderMap, endStream: boolean): void {
    const block = this.#block(headers);
    const endFlag = endStream ? FrameFlag.EndStream : 0;
    const max = this.#peer.maxFrameSizeBytes;
    stream.headerBytesSent += FRAME_HEAD_BYTES + block.length;
    if (block.length <= max) {
      const flags = FrameFlag.EndHeaders | endFlag;
      this.#write(stream, frameHead(block.length, FrameType.Headers, flags, stream.id) + block);
      return;
    }
    this.#write(
      stream,
      frameHead(max, FrameType.Headers, endFlag, stream.id) + block.slice(0, max),
    );
    for (let at = max; at < block.length; at += max) {
      const part = block.slice(at, at + max);
      const flags = at + max >= block.length ? FrameFlag.EndHeaders : 0;
      this.#write(stream, frameHead(part.length, FrameType.Continuation, flags, stream.id) + part);
    }
  }

  #block(headers: HeaderMap): string {
    const { neverIndexed, entries } = headers;
    let block = this.encoder.begin();
    if (headers.status !== 0) block = this.encoder.addStatus(block, headers.status);
    else if (headers.method !== "") block = this.#requestFields(block, headers);
    for (let i = 0; i < entries.length; i += 2)
      block = this.#field(block, neverIndexed, entries[i]!, entries[i + 1]!);
    return block;
  }

  #requestFields(start: string, headers: HeaderMap): string {
    const { method, scheme, authority, path, protocol, neverIndexed } = headers;
    const hasTarget = method !== "CONNECT" || protocol !== "";
    let block = this.#field(start, neverIndexed, ":method", method);
    if (scheme !== "" && hasTarget) block = this.#field(block, neverIndexed, ":scheme", scheme);
    if (authority !== "" && !headers.authorityMissing)
      block = this.#field(block, neverIndexed, ":authority", authority);
    if (path !== "" && hasTarget) block = this.#field(block, neverIndexed, ":path", path);
    return protocol === "" ? block : this.#field(block, neverIndexed, ":protocol", protocol);
  }

  #field(
    block: string,
    neverIndexed: readonly string[] | null,
    name: string,
    value: string,
  ): string {
    return neverIndexed !== null && neverIndexed.includes(name)
      ? this.encoder.addNeverIndexed(block, name, value)
      : this.encoder.add(block, name, value);
  }

  /** DATA: one frame, or in as many as the peer's largest one asks for. */
  data(stream: CodecStream, data: Buffer, endStream: boolean): void {
    const { length } = data;
    if (length > this.#peer.maxFrameSizeBytes) {
      this.#dataFrames(stream, data, this.#peer.maxFrameSizeBytes, endStream);
      return;
    }
    this.sentDataFrames++;
    stream.wireBytesSent += FRAME_HEAD_BYTES + length;
    this.#writtenBytes += FRAME_HEAD_BYTES + length;
    const flags = endStream ? FrameFlag.EndStream : 0;
    this.#sink.writeLatin1(frameHead(length, FrameType.Data, flags, stream.id));
    if (length > 0) this.#sink.writeBytes(data);
    this.#note(false);
  }

  /** Of `frameBytes` each, the last one perhaps shorter; at least two. */
  #dataFrames(stream: CodecStream, data: Buffer, frameBytes: number, endStream: boolean): void {
    const heads: string[] = [];
    const { length } = data;
    for (let at = 0; at < length; at += frameBytes) {
      const last = at + frameBytes >= length;
      const flags = last && endStream ? FrameFlag.EndStream : 0;
      heads.push(frameHead(last ? length - at : frameBytes, FrameType.Data, flags, stream.id));
    }
    const bytes = length + heads.length * FRAME_HEAD_BYTES;
    this.sentDataFrames += heads.length;
    stream.wireBytesSent += bytes;
    this.#writtenBytes += bytes;
    this.#sink.writePieces(heads, data, frameBytes);
    for (let i = 0; i < heads.length; i++) this.#note(false);
  }

  windowUpdate(streamId: number, increment: number): void {
    this.#count(frameHead(4, FrameType.WindowUpdate, 0, streamId) + uint32Text(increment), false);
  }

  rstStream(streamId: number, code: number): void {
    this.#count(frameHead(4, FrameType.RstStream, 0, streamId) + uint32Text(code), true);
  }

  settingsAck(): void {
    this.#count(frameHead(0, FrameType.Settings, FrameFlag.Ack, 0), true);
  }

  /** `opaque`: eight octets as Latin-1 text. */
  ping(opaque: string, ack: boolean): void {
    this.#count(frameHead(8, FrameType.Ping, ack ? FrameFlag.Ack : 0, 0) + opaque, true);
  }

  goAway(lastStreamId: number, code: number): void {
    this.#count(
      frameHead(8, FrameType.GoAway, 0, 0) + uint32Text(lastStreamId) + uint32Text(code),
      false,
    );
  }

  #write(stream: CodecStream, text: string): void {
    stream.wireBytesSent += text.length;
    this.#count(text, false);
  }

  #count(text: string, control: boolean): void {
    this.#writtenBytes += text.length;
    this.#sink.writeLatin1(text);
    this.#note(control);
  }

  #note(control: boolean): void {
    const maybeFlood = this.#frames.add(this.#writtenBytes);
    const maybeControlFlood = control && this.#controlFrames.add(this.#writtenBytes);
    if (maybeFlood || maybeControlFlood) this.#askSocket();
  }

  #askSocket(): void {
    const unsent = this.#sink.unsentBytes;
    const taken = this.#writtenBytes - unsent;
    const flood = this.#frames.take(taken, unsent === 0);
    const controlFlood = this.#controlFrames.take(taken, unsent === 0);
    if (controlFlood) this.flood = ConnectionErrors.OutboundControlFlood;
    else if (flood) this.flood = ConnectionErrors.OutboundFlood;
  }
}
