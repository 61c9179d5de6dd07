import { HeaderMap, type ByteSink, type ClientCallbacks } from "@nuncio/codec";
import type { UpstreamCodec } from "./upstream-codec.ts";

const NOTHING = Buffer.alloc(0);
const NO_RESPONSE = { http10: false, hasHopByHop: false, asksToClose: false, headerBytes: 0 };

/**
 * For a CONNECT that ends here (`connect_config`): the host sees the bytes of the tunnel and nothing else. It answers each
 * request with 200 itself, as soon as there is a connection.
 */
export class RawCodec implements UpstreamCodec {
  readonly response: UpstreamCodec["response"] = NO_RESPONSE;
  readonly interimHeaderBytes = 0;
  readonly trailerBytes = 0;
  readonly headerBytesSent = 0;
  readonly upgraded = true;
  readonly endsWithClose = false;
  readonly hasExtraBytes = false;
  readonly reusable = false;
  requestComplete = false;
  readonly #callbacks: ClientCallbacks;

  constructor(callbacks: ClientCallbacks) {
    this.#callbacks = callbacks;
  }

  encodeHeaders(_sink: ByteSink, _request: HeaderMap, endStream: boolean): void {
    this.requestComplete = endStream;
    const headers = new HeaderMap();
    headers.status = 200;
    this.#callbacks.onHeaders(headers, false);
  }

  encodeData(sink: ByteSink, data: Buffer, endStream: boolean): void {
    if (endStream) this.requestComplete = true;
    sink.writeBytes(data);
  }

  encodeTrailers(): void {
    this.requestComplete = true;
  }

  execute(buffer: Buffer, start: number, end: number): number {
    this.#callbacks.onData(buffer.subarray(start, end), false);
    return end - start;
  }

  finish(): void {
    this.#callbacks.onData(NOTHING, true);
  }
}
