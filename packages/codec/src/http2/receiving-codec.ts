import type { HeaderMap } from "../header-map.ts";
import type { Http2ConnectionCallbacks, Http2Counters, Http2Sink } from "./callbacks.ts";
import type { CodecStream } from "./codec-stream.ts";
import { ConnectionErrors } from "./connection-errors.ts";
import { ControlCodec, PRIORITY_BYTES } from "./control-codec.ts";
import { FIELD_CLASSIFIER } from "./field-facts.ts";
import { FieldReader, SectionKind } from "./field-reader.ts";
import { FRAME_HEAD_BYTES, FrameFlag, FrameType, MIN_MAX_FRAME_BYTES } from "./frames.ts";
import { HeaderBlock } from "./header-block.ts";
import { HpackDecoder } from "./hpack/decoder.ts";
import type { Http2Options } from "./options.ts";
import { type StreamFault, StreamFaults } from "./stream-fault.ts";

/** Reads the frames that carry messages, DATA, HEADERS and CONTINUATION, and says which frame may not come when. */
export abstract class ReceivingCodec extends ControlCodec {
  protected readonly fields: FieldReader;
  readonly #decoder: HpackDecoder;
  readonly #block: HeaderBlock;
  /** Of a frame other than DATA: those are kept until they are whole, and none but a header block needs much. */
  readonly #wholeFrameBytesMax: number;
  /** Whose header block it is, null when nobody's. */
  #blockStream: CodecStream | null = null;
  #blockStreamId = 0;
  #blockEndStream = false;
  /** Its octets on the wire. */
  #blockBytes = 0;
  #dataStream: CodecStream | null = null;
  #settingsSeen = false;

  constructor(
    sink: Http2Sink,
    callbacks: Http2ConnectionCallbacks,
    options: Http2Options,
    counters: Http2Counters,
    preface: string,
    server: boolean,
  ) {
    super(sink, callbacks, options, counters, preface, server);
    const maxListBytes = options.maxHeadersKb * 1024;
    this.fields = new FieldReader(options, counters);
    this.#decoder = new HpackDecoder(FIELD_CLASSIFIER, options.maxHeaderFieldKb * 1024);
    this.#block = new HeaderBlock(maxListBytes);
    this.#wholeFrameBytesMax = Math.min(
      options.maxFrameSizeBytes,
      Math.max(MIN_MAX_FRAME_BYTES, this.#block.maxBytes),
    );
  }

  /** A HEADERS frame on a stream that is not open. Its stream, null when the block is dropped, or false when the connection ended. */
  protected abstract openStream(streamId: number): CodecStream | null | false;
  /** The first section of a message, or an informational one. Null when it was told. */
  protected abstract onHead(
    stream: CodecStream,
    headers: HeaderMap,
    contentLength: number,
    endStream: boolean,
  ): StreamFault | null;

  protected override onFrameHead(): boolean {
    const type = this.frameType;
    if (this.writer.flood !== null) return this.#failOutbound();
    if (!this.#settingsSeen) {
      // The first frame is SETTINGS (RFC 9113 3.4).
      if (type !== FrameType.Settings || (this.frameFlags & FrameFlag.Ack) !== 0)
        return this.fail(ConnectionErrors.Protocol);
      this.#settingsSeen = true;
    }
    const longest =
      type === FrameType.Data ? this.options.maxFrameSizeBytes : this.#wholeFrameBytesMax;
    if (this.frameLength > longest) return this.fail(ConnectionErrors.FrameSize);
    if (this.#block.open !== (type === FrameType.Continuation))
      return this.fail(ConnectionErrors.Protocol);
    switch (type) {
      case FrameType.Data:
        return this.#onDataHead();
      case FrameType.Headers:
        return this.#onHeadersHead();
      case FrameType.Continuation:
        return this.#onContinuationHead();
      default:
        return true;
    }
  }

  #failOutbound(): false {
    const flood = this.writer.flood!;
    this.counters.add(
      flood === ConnectionErrors.OutboundFlood ? "outbound_flood" : "outbound_control_flood",
      1,
    );
    return this.fail(flood);
  }

  #onDataHead(): boolean {
    const length = this.frameLength;
    this.#dataStream = null;
    if (!this.receiveFlow.take(length)) return this.fail(ConnectionErrors.FlowControl);
    const stream = this.streams.get(this.frameStreamId);
    if (stream === null) return this.#checkClosed(this.frameStreamId);
    if (!stream.headersReceived) return this.fail(ConnectionErrors.Protocol);
    stream.wireBytesReceived += FRAME_HEAD_BYTES + length;
    if (stream.remoteEnded) return this.failStream(stream, StreamFaults.StreamClosed);
    stream.receiveWindow -= length;
    if (stream.receiveWindow < 0) return this.failStream(stream, StreamFaults.FlowControl);
    this.#dataStream = stream;
    return true;
  }

  protected override onSettingsAcknowledged(): void {
    this.#decoder.setMaxTableSize(this.options.hpackTableSizeBytes);
    this.receiveFlow.onSettingsAcknowledged(this.streams.list());
  }

  /** DATA or HEADERS on a stream that is not open: an error, unless the peer may not know yet that we reset it. */
  #checkClosed(streamId: number): boolean {
    if (this.isIdle(streamId)) return this.fail(ConnectionErrors.Protocol);
    if (this.closedStreams.mayBeResetByUs(streamId)) return true;
    // One that was never open was passed over: ids only go up (RFC 9113 5.1.1).
    return this.fail(
      this.closedStreams.endedByPeer(streamId)
        ? ConnectionErrors.StreamClosed
        : ConnectionErrors.Protocol,
    );
  }

  /** What is wrong with a frame is told before any of its data, however it comes in pieces. */
  protected override onDataLength(length: number): void {
    const stream = this.#dataStream;
    const flood = this.limits.content(length, this.frameFlags);
    if (flood !== null) {
      // Octets of the frame that is refused are not counted.
      if (stream !== null) stream.wireBytesReceived -= FRAME_HEAD_BYTES + this.frameLength;
      this.fail(flood);
      return;
    }
    // The owner may have reset it since the frame's head, which came alone.
    if (stream === null || stream.closed) return;
    const { contentLength } = stream;
    stream.contentReceived += length;
    if (contentLength < 0) return;
    const endStream = (this.frameFlags & FrameFlag.EndStream) !== 0;
    const received = stream.contentReceived;
    if (endStream ? received === contentLength : received <= contentLength) return;
    stream.wireBytesReceived -= FRAME_HEAD_BYTES + this.frameLength;
    this.failStream(stream, StreamFaults.ContentLength);
  }

  protected override onDataPiece(buffer: Buffer, start: number, end: number, last: boolean): void {
    const length = end - start + (last ? this.dataOverhead : 0);
    const stream = this.#dataStream;
    if (stream === null || stream.closed) {
      this.receiveFlow.consume(null, length);
      return;
    }
    const endStream = last && (this.frameFlags & FrameFlag.EndStream) !== 0;
    this.#deliverData(stream, buffer, start, end, endStream);
    if (!this.stopped) this.receiveFlow.consume(stream, length);
  }

  #deliverData(
    stream: CodecStream,
    buffer: Buffer,
    start: number,
    end: number,
    endStream: boolean,
  ): void {
    if (endStream) stream.remoteEnded = true;
    if (stream.heldHeaders === null) {
      if (end > start || endStream) {
        const whole = start === 0 && end === buffer.length;
        stream.callbacks.onData(whole ? buffer : buffer.subarray(start, end), endStream);
      }
    } else if (endStream) {
      this.releaseHeaders(stream, true);
    }
    if (endStream) this.onRemoteEnd(stream);
  }

  /** Tells of the request that was held until it was certain that it has no content. */
  protected releaseHeaders(stream: CodecStream, endStream: boolean): void {
    const headers = stream.heldHeaders!;
    stream.heldHeaders = null;
    stream.callbacks.onHeaders(headers, endStream);
  }

  #onHeadersHead(): boolean {
    const streamId = this.frameStreamId;
    const flags = this.frameFlags;
    const flood = this.limits.content(this.frameLength, flags);
    if (flood !== null) return this.fail(flood);
    this.#blockStreamId = streamId;
    this.#blockBytes = FRAME_HEAD_BYTES + this.frameLength;
    this.#blockEndStream = (flags & FrameFlag.EndStream) !== 0;
    const open = this.streams.get(streamId);
    if (open === null) {
      if (!this.isIdle(streamId)) {
        this.#blockStream = null;
        return this.#checkClosed(streamId);
      }
      const opened = this.openStream(streamId);
      if (opened === false) return false;
      this.#blockStream = opened;
      return true;
    }
    this.#blockStream = open;
    return open.remoteEnded ? this.failStream(open, StreamFaults.StreamClosed) : true;
  }

  #onContinuationHead(): boolean {
    if (this.frameStreamId !== this.#blockStreamId) return this.fail(ConnectionErrors.Protocol);
    const flood = this.limits.content(this.frameLength, 0);
    if (flood !== null) return this.fail(flood);
    this.#blockBytes += this.frameLength;
    return true;
  }

  protected override onPayload(buffer: Buffer, start: number, end: number): void {
    if (this.frameType === FrameType.Headers) this.#onHeaders(buffer, start, end);
    else if (this.frameType === FrameType.Continuation) this.#onFragment(buffer, start, end);
    else this.onControlFrame(buffer, start, end);
  }

  #onHeaders(buffer: Buffer, start: number, end: number): void {
    const flags = this.frameFlags;
    let from = start;
    let to = end;
    if ((flags & FrameFlag.Padded) !== 0) to -= from < end ? buffer[from++]! : 1;
    if ((flags & FrameFlag.Priority) !== 0) from += PRIORITY_BYTES;
    if (from > to) {
      this.fail(ConnectionErrors.Protocol);
      return;
    }
    if (
      (flags & FrameFlag.Priority) !== 0 &&
      (buffer.readUInt32BE(from - PRIORITY_BYTES) & 0x7fffffff) === this.frameStreamId &&
      this.#blockStream !== null &&
      !this.#blockStream.closed &&
      !this.failStream(this.#blockStream, StreamFaults.Protocol)
    )
      return;
    if ((flags & FrameFlag.EndHeaders) !== 0) {
      this.#decode(buffer, from, to);
      return;
    }
    this.#block.begin();
    this.#append(buffer, from, to);
  }

  #onFragment(buffer: Buffer, start: number, end: number): void {
    if (!this.#append(buffer, start, end)) return;
    if ((this.frameFlags & FrameFlag.EndHeaders) === 0) return;
    const { bytes, length } = this.#block;
    this.#block.end();
    this.#decode(bytes, 0, length);
  }

  #append(buffer: Buffer, start: number, end: number): boolean {
    if (this.#block.append(buffer, start, end)) return true;
    this.counters.add("header_overflow", 1);
    return this.fail(ConnectionErrors.ContinuationFlood);
  }

  #decode(buffer: Buffer, start: number, end: number): void {
    const stream = this.#blockStream;
    const fields = this.fields;
    this.#blockStream = null;
    let kind: SectionKind = SectionKind.Discarded;
    if (stream !== null && !stream.closed) {
      if (stream.headersReceived) kind = this.#beginTrailers();
      else kind = this.server ? SectionKind.Request : SectionKind.Response;
    }
    fields.begin(kind);
    if (this.#decoder.decode(buffer, start, end, fields) !== null) {
      this.fail(ConnectionErrors.Compression);
      return;
    }
    if (kind === SectionKind.Discarded) return;
    const fault = fields.finish() ?? this.#onSection(stream!, kind);
    if (fault !== null) this.failStream(stream!, fault);
    else if (this.#blockEndStream) this.onRemoteEnd(stream!);
  }

  #beginTrailers(): SectionKind {
    // Those of responses are not counted, as in Envoy.
    if (this.server) this.counters.add("trailers", 1);
    return SectionKind.Trailers;
  }

  #onSection(stream: CodecStream, kind: SectionKind): StreamFault | null {
    const headers = this.fields.takeHeaders();
    const { contentLength } = this.fields;
    const bytes = this.#blockBytes;
    stream.headerBytesReceived += bytes;
    stream.wireBytesReceived += bytes;
    const fault =
      kind === SectionKind.Trailers
        ? this.#onTrailers(stream, headers)
        : this.onHead(stream, headers, contentLength, this.#blockEndStream);
    if (fault !== null) {
      stream.headerBytesReceived -= bytes;
      stream.wireBytesReceived -= bytes;
    }
    return fault;
  }

  #onTrailers(stream: CodecStream, trailers: HeaderMap): StreamFault | null {
    stream.trailerBytesReceived = this.#blockBytes;
    // They end the message (RFC 9113 8.1).
    if (!this.#blockEndStream) return StreamFaults.MessagingRule;
    if (stream.contentLength >= 0 && stream.contentReceived !== stream.contentLength)
      return StreamFaults.ContentLength;
    stream.remoteEnded = true;
    if (stream.heldHeaders !== null) this.releaseHeaders(stream, false);
    if (!stream.closed) stream.callbacks.onTrailers(trailers);
    return null;
  }
}
