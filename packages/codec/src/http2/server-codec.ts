import type { HeaderMap } from "../header-map.ts";
import type {
  Http2ConnectionCallbacks,
  Http2Counters,
  Http2Sink,
  Http2StreamCallbacks,
} from "./callbacks.ts";
import { CodecStream } from "./codec-stream.ts";
import { ConnectionErrors } from "./connection-errors.ts";
import { Http2ErrorCode } from "./error-codes.ts";
import type { Http2Options } from "./options.ts";
import { ReceivingCodec } from "./receiving-codec.ts";
import { type StreamFault, StreamFaults } from "./stream-fault.ts";

/**
 * The server's side of one HTTP/2 connection (RFC 9113). The constructor writes our SETTINGS; `execute` begins with the
 * client's preface, which the codec reads itself.
 */
export class Http2ServerCodec extends ReceivingCodec {
  #lastStreamId = 0;

  constructor(
    sink: Http2Sink,
    callbacks: Http2ConnectionCallbacks,
    options: Http2Options,
    counters: Http2Counters,
  ) {
    super(sink, callbacks, options, counters, "", true);
  }

  protected override get lastPeerStreamId(): number {
    return this.#lastStreamId;
  }

  protected override isIdle(streamId: number): boolean {
    // Even ones would be ours, and there are none: no server push.
    return (streamId & 1) === 0 || streamId > this.#lastStreamId;
  }

  protected override openStream(streamId: number): CodecStream | null | false {
    if ((streamId & 1) === 0) return this.fail(ConnectionErrors.Protocol);
    this.#lastStreamId = streamId;
    if (this.goAwaySent || this.streams.size >= this.options.maxConcurrentStreams) {
      this.counters.add("stream_refused_errors", 1);
      this.writeReset(streamId, Http2ErrorCode.RefusedStream);
      const flood = this.limits.streamReset(this.nowMs);
      return flood === null ? null : this.fail(flood);
    }
    const stream = new CodecStream(
      this,
      streamId,
      NOBODY,
      this.receiveFlow.streamWindow,
      this.peerSettings.initialWindowBytes,
    );
    this.addStream(stream);
    stream.callbacks = this.callbacks.onNewStream(stream);
    return stream;
  }

  protected override onHead(
    stream: CodecStream,
    headers: HeaderMap,
    contentLength: number,
    endStream: boolean,
  ): StreamFault | null {
    stream.headersReceived = true;
    stream.contentLength = contentLength;
    if (endStream) {
      if (contentLength > 0) return StreamFaults.MessagingRule;
      stream.remoteEnded = true;
    } else if (contentLength === 0) {
      // Sent on with its length, it would be complete for an upstream of HTTP/1, whatever comes then.
      stream.heldHeaders = headers;
      return null;
    }
    stream.callbacks.onHeaders(headers, endStream);
    return null;
  }
}

/** Until the owner has said who is told. */
const NOBODY: Http2StreamCallbacks = {
  on1xxHeaders() {},
  onHeaders() {},
  onData() {},
  onTrailers() {},
  onEndSent() {},
  onReset() {},
  onAboveWriteBufferHighWatermark() {},
  onBelowWriteBufferLowWatermark() {},
};
