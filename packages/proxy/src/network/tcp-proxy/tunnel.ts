import type { HeaderMap } from "@nuncio/codec";
import { ResponseFlag, type Address, type StreamInfo } from "../../observe/stream-info.ts";
import type { TlsInfo } from "../../observe/tls-info.ts";
import type { PoolRequest, RequestPool, ResetReason } from "../../upstream/pool/pool-request.ts";
import type { RawUpstream, RawUpstreamCallbacks } from "../../upstream/pool/raw-upstream.ts";
import type { UpstreamStream } from "../../upstream/pool/upstream-stream.ts";
import type { Tunneling } from "./tunneling.ts";

const NOTHING = Buffer.alloc(0);

/** Who uses a `Tunnel`. */
export interface TunnelCallbacks extends RawUpstreamCallbacks {
  /** A limit of the cluster let no request through; `refused`: not even to wait. */
  onTunnelOverflow(refused: boolean): void;
}

/** The bytes of one connection as the content of a CONNECT or POST, on a connection of an HTTP pool. */
export class Tunnel implements RawUpstream, PoolRequest {
  nextPending: PoolRequest | null = null;
  previousPending: PoolRequest | null = null;
  pending = false;
  localAddress: Address | null = null;
  connectionId = 0;
  tls: TlsInfo | null = null;
  readonly unsentBytes = 0;
  readonly lastDrainMs = 0;
  readonly #tunneling: Tunneling;
  readonly #pool: RequestPool;
  readonly #info: StreamInfo;
  readonly #callbacks: TunnelCallbacks;
  /** Null before there is one, and behind the end of the exchange. */
  #stream: UpstreamStream | null = null;
  /** Of exchanges that are over. */
  #bytesSent: number;
  #bytesReceived: number;
  #readsDisabled = 0;
  /** How many things hold back what is written; told from the tunnel's beginning on. */
  #blocks = 0;
  /** The host agreed; before that its end is a failure to connect. */
  #open = false;
  #readEnded = false;
  #writeEnded = false;
  #done = false;

  /** `before`: the attempt that failed. */
  constructor(
    tunneling: Tunneling,
    pool: RequestPool,
    info: StreamInfo,
    callbacks: TunnelCallbacks,
    before: Tunnel | null,
  ) {
    this.#tunneling = tunneling;
    this.#pool = pool;
    this.#info = info;
    this.#callbacks = callbacks;
    this.#bytesSent = before?.bytesSent ?? 0;
    this.#bytesReceived = before?.bytesReceived ?? 0;
  }

  /** On the wire, with what carries the content; earlier attempts are in it. */
  get bytesSent(): number {
    return this.#bytesSent + (this.#stream?.wireBytesSent ?? 0);
  }

  get bytesReceived(): number {
    return this.#bytesReceived + (this.#stream?.wireBytesReceived ?? 0);
  }

  /** Asks the pool for a stream; whoever owns this has to know it by then. */
  start(): void {
    this.#pool.newStream(this);
  }

  write(data: Buffer): void {
    this.#stream?.encodeData(data, false);
  }

  halfClose(): void {
    if (this.#writeEnded) return;
    this.#writeEnded = true;
    this.#stream?.encodeData(NOTHING, true);
    this.#endIfBothEnded();
  }

  readDisable(disable: boolean): void {
    if (this.#stream === null) return;
    this.#readsDisabled += disable ? 1 : -1;
    this.#stream.readDisable(disable);
  }

  closeAfterFlush(): void {
    this.close();
  }

  close(): void {
    if (this.#done) return;
    this.#done = true;
    if (this.pending) {
      this.#pool.cancel(this);
      return;
    }
    if (!this.#open) this.#info.responseFlags |= ResponseFlag.UpstreamConnectionFailure;
    this.#stream?.resetRequest();
  }

  // The pool.

  onPoolReady(stream: UpstreamStream): void {
    this.#stream = stream;
    const secure = stream.carrier.socket.tls !== null;
    stream.encodeHeaders(this.#tunneling.requestHeaders(this.#info, secure), false);
  }

  onPoolFailure(reason: ResetReason, details: string, refused: boolean): void {
    this.#done = true;
    if (reason === "overflow") this.#callbacks.onTunnelOverflow(refused);
    else this.#callbacks.onUpstreamConnectFailure(details);
  }

  onPoolRelease(): void {
    const stream = this.#stream!;
    this.#bytesSent += stream.wireBytesSent;
    this.#bytesReceived += stream.wireBytesReceived;
    // The connection may serve others from here on.
    for (; this.#readsDisabled > 0; this.#readsDisabled--) stream.readDisable(false);
    this.#stream = null;
  }

  onUpstream1xxHeaders(): void {}

  onUpstreamHeaders(headers: HeaderMap, endStream: boolean): void {
    if (this.#done) return;
    this.#tunneling.noteResponseHeaders(headers, this.#info);
    const stream = this.#stream;
    if (endStream || stream === null || !agrees(stream, headers.status)) {
      this.#fail(`tunnel_response:${headers.status}`);
      return;
    }
    this.#open = true;
    this.localAddress = stream.carrier.localAddress;
    this.connectionId = stream.carrier.socket.id;
    this.tls = stream.carrier.socket.tls;
    for (let i = 0; i < this.#blocks; i++)
      this.#callbacks.onUpstreamAboveWriteBufferHighWatermark();
    this.#callbacks.onUpstreamConnected(this);
  }

  onUpstreamData(data: Buffer, endStream: boolean): void {
    if (this.#done) return;
    if (data.length > 0) this.#callbacks.onUpstreamData(data, 0, data.length);
    if (endStream) this.#onEndStream();
  }

  onUpstreamTrailers(trailers: HeaderMap): void {
    if (this.#done) return;
    this.#tunneling.noteResponseTrailers(trailers, this.#info);
    this.#onEndStream();
  }

  onUpstreamReset(reason: ResetReason): void {
    if (this.#done) return;
    if (!this.#open) {
      this.#fail("");
      return;
    }
    this.#done = true;
    this.#callbacks.onUpstreamClose(reason === "remote_reset" ? "remote_reset" : "local");
  }

  onUpstreamAboveWriteBufferHighWatermark(): void {
    this.#blocks++;
    if (this.#open) this.#callbacks.onUpstreamAboveWriteBufferHighWatermark();
  }

  onUpstreamBelowWriteBufferLowWatermark(): void {
    this.#blocks--;
    if (this.#open) this.#callbacks.onUpstreamBelowWriteBufferLowWatermark();
  }

  #onEndStream(): void {
    this.#readEnded = true;
    this.#callbacks.onUpstreamEndStream();
    this.#endIfBothEnded();
  }

  #endIfBothEnded(): void {
    if (!this.#readEnded || !this.#writeEnded || this.#done) return;
    this.#done = true;
    this.#callbacks.onUpstreamClose("local");
  }

  /** There will be no tunnel; another attempt may follow. */
  #fail(reason: string): void {
    this.close();
    this.#callbacks.onUpstreamConnectFailure(reason);
  }
}

/** Any 2xx over HTTP/1 (RFC 9110 9.3.6); over HTTP/2 Envoy takes 200 alone. */
function agrees({ carrier }: UpstreamStream, status: number): boolean {
  return carrier.protocol === "HTTP/2" ? status === 200 : status >= 200 && status < 300;
}
