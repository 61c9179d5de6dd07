import type { CodecStream } from "./codec-stream.ts";
import { ConnectionCodec, RST_STREAM_BYTES } from "./connection-codec.ts";
import { ConnectionErrors } from "./connection-errors.ts";
import { Http2ErrorCode } from "./error-codes.ts";
import { FrameFlag, FrameType } from "./frames.ts";
import { StreamFaults } from "./stream-fault.ts";

/** Octets of the priority of a HEADERS or PRIORITY frame (RFC 9113 6.2 and 6.3). */
export const PRIORITY_BYTES = 5;

/** Reads the frames that carry no message: settings, windows, resets, pings, the end of the connection. */
export abstract class ControlCodec extends ConnectionCodec {
  #settingsAcknowledged = false;

  /** Neither side has used this stream yet. */
  protected abstract isIdle(streamId: number): boolean;
  /** The peer knows our settings, for the first time. */
  protected abstract onSettingsAcknowledged(): void;

  /** A GOAWAY came. A server has no streams that its peer could give up. */
  protected onGoAway(_lastStreamId: number): void {}

  protected onControlFrame(buffer: Buffer, start: number, end: number): void {
    switch (this.frameType) {
      case FrameType.WindowUpdate:
        this.#onWindowUpdate(buffer, start, end);
        break;
      case FrameType.RstStream:
        this.#onRstStream(buffer, start, end);
        break;
      case FrameType.Settings:
        this.#onSettings(buffer, start, end);
        break;
      case FrameType.Ping:
        this.#onPing(buffer, start, end);
        break;
      case FrameType.Priority:
        this.#onPriority(buffer, start, end);
        break;
      case FrameType.GoAway:
        this.#onGoAway(buffer, start, end);
        break;
      case FrameType.PushPromise:
        // A client's never may, and ours said that it takes none (RFC 9113 8.4).
        this.fail(ConnectionErrors.Protocol);
        break;
      default:
        // Types that nobody knows mean nothing (RFC 9113 4.1).
        this.#ignore();
    }
  }

  /** A frame came that means nothing. False when there were too many. */
  #ignore(): boolean {
    const flood = this.limits.ignored();
    return flood === null || this.fail(flood);
  }

  #onWindowUpdate(buffer: Buffer, start: number, end: number): void {
    const flood = this.limits.control(FrameType.WindowUpdate, this.writer.sentDataFrames);
    if (flood !== null) {
      this.fail(flood);
      return;
    }
    if (end - start !== 4) {
      this.fail(ConnectionErrors.FrameSize);
      return;
    }
    const increment = buffer.readUInt32BE(start) & 0x7fffffff;
    const streamId = this.frameStreamId;
    if (streamId === 0) {
      if (increment === 0) this.fail(ConnectionErrors.Protocol);
      else if (!this.sendFlow.grow(increment)) this.fail(ConnectionErrors.FlowControl);
      return;
    }
    const stream = this.streams.get(streamId);
    if (stream === null) {
      if (this.isIdle(streamId)) this.fail(ConnectionErrors.Protocol);
    } else if (increment === 0) {
      this.failStream(stream, StreamFaults.Protocol);
    } else if (!this.sendFlow.growStream(stream, increment)) {
      this.failStream(stream, StreamFaults.FlowControl);
    }
  }

  #onRstStream(buffer: Buffer, start: number, end: number): void {
    const streamId = this.frameStreamId;
    if (end - start !== 4) {
      this.fail(ConnectionErrors.FrameSize);
      return;
    }
    if (this.isIdle(streamId)) {
      this.fail(ConnectionErrors.Protocol);
      return;
    }
    const stream = this.streams.get(streamId);
    if (stream !== null) this.#resetByPeer(stream, buffer.readUInt32BE(start));
    else if (!this.#ignore()) return;
    const flood = this.server ? this.limits.streamReset(this.nowMs) : null;
    if (flood !== null) this.fail(flood);
  }

  #resetByPeer(stream: CodecStream, code: number): void {
    this.counters.add("rx_reset", 1);
    stream.wireBytesReceived += RST_STREAM_BYTES;
    if (code === Http2ErrorCode.RefusedStream)
      this.closeByPeer(stream, "remote_refused_stream_reset", "http2.remote_refuse");
    else if (code === Http2ErrorCode.ConnectError)
      this.closeByPeer(stream, "connect_error", "http2.remote_reset");
    else if (code === Http2ErrorCode.ProtocolError)
      this.closeByPeer(stream, "protocol_error", "http2.remote_reset");
    else if (code === Http2ErrorCode.NoError && stream.remoteEnded)
      this.closeByPeer(stream, "remote_reset_no_error", "");
    else this.closeByPeer(stream, "remote_reset", "http2.remote_reset");
  }

  #onSettings(buffer: Buffer, start: number, end: number): void {
    if (this.frameStreamId !== 0) {
      this.fail(ConnectionErrors.Protocol);
      return;
    }
    if ((this.frameFlags & FrameFlag.Ack) !== 0) {
      if (end > start) this.fail(ConnectionErrors.FrameSize);
      else if (this.#settingsAcknowledged) this.#ignore();
      else {
        this.#settingsAcknowledged = true;
        this.onSettingsAcknowledged();
      }
      return;
    }
    const peer = this.peerSettings;
    const windowBefore = peer.initialWindowBytes;
    const error = this.limits.settings(this.nowMs) ?? peer.read(buffer, start, end, !this.server);
    if (error !== null) {
      this.fail(error);
      return;
    }
    const { encoder } = this.writer;
    // Entries that the smallest size pushed out are gone, and the next block must say so (RFC 7541 4.2).
    encoder.setPeerMaxTableSize(peer.smallestHeaderTableSizeBytes);
    encoder.setPeerMaxTableSize(peer.headerTableSizeBytes);
    this.writer.settingsAck();
    const change = peer.initialWindowBytes - windowBefore;
    if (change !== 0 && !this.sendFlow.growAll(this.streams.list(), change)) {
      this.fail(ConnectionErrors.FlowControl);
      return;
    }
    if (!this.stopped) this.callbacks.onSettings();
  }

  #onPing(buffer: Buffer, start: number, end: number): void {
    if (this.frameStreamId !== 0) {
      this.fail(ConnectionErrors.Protocol);
      return;
    }
    if (end - start !== 8) {
      this.fail(ConnectionErrors.FrameSize);
      return;
    }
    const opaque = buffer.latin1Slice(start, end);
    if ((this.frameFlags & FrameFlag.Ack) === 0) this.writer.ping(opaque, true);
    else if (this.isOurPing(opaque)) this.callbacks.onPingAck();
    else this.#ignore();
  }

  #onGoAway(buffer: Buffer, start: number, end: number): void {
    if (this.frameStreamId !== 0) {
      this.fail(ConnectionErrors.Protocol);
      return;
    }
    if (end - start < GOAWAY_BYTES) {
      this.fail(ConnectionErrors.FrameSize);
      return;
    }
    const isFirst = !this.goAwayReceived;
    if (!isFirst && !this.#ignore()) return;
    this.goAwayReceived = true;
    this.onGoAway(buffer.readUInt32BE(start) & 0x7fffffff);
    if (isFirst && !this.stopped) this.callbacks.onGoAway();
  }

  /** Priorities mean nothing any more (RFC 9113 5.3.2); their frames are checked as far as h2spec does. */
  #onPriority(buffer: Buffer, start: number, end: number): void {
    const streamId = this.frameStreamId;
    const flood = this.limits.control(FrameType.Priority, 0);
    if (flood !== null) {
      this.fail(flood);
      return;
    }
    if (streamId === 0) {
      this.fail(ConnectionErrors.Protocol);
      return;
    }
    const stream = this.streams.get(streamId);
    if (end - start !== PRIORITY_BYTES) {
      if (stream === null) this.fail(ConnectionErrors.FrameSize);
      else this.failStream(stream, StreamFaults.FrameSize);
    } else if ((buffer.readUInt32BE(start) & 0x7fffffff) === streamId) {
      if (stream !== null) this.failStream(stream, StreamFaults.Protocol);
      else if (this.isIdle(streamId)) this.fail(ConnectionErrors.Protocol);
    }
  }
}

const GOAWAY_BYTES = 8;
