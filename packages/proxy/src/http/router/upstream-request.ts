import type { HeaderMap } from "@nuncio/codec";
import { Timer, type TimerTarget } from "../../base/timer-wheel.ts";
import { CLUSTER_STATS } from "../../observe/stats/tables/cluster.ts";
import type { Host } from "../../upstream/host.ts";
import type { PoolRequest, RequestPool, ResetReason } from "../../upstream/pool/pool-request.ts";
import type { UpstreamStream } from "../../upstream/pool/upstream-stream.ts";
import { HostCounter } from "../../upstream/shared/host-memory.ts";
import type { AttemptLog } from "./attempt-log.ts";
import { grpcSucceeded } from "./grpc-outcome.ts";
import type { UpstreamOwner } from "./upstream-owner.ts";

/** One attempt to get a response from one host. Keeps the request's parts until a connection is there. */
export class UpstreamRequest implements PoolRequest, TimerTarget {
  nextPending: PoolRequest | null = null;
  previousPending: PoolRequest | null = null;
  pending = false;
  /** What carries the request; null before. */
  stream: UpstreamStream | null = null;
  /** The whole request went to the connection. */
  sent = false;
  responseStarted = false;
  /** The head of a gRPC response came; whether it is a success its status will say, which did not come yet. */
  grpcPending = false;

  readonly host: Host;
  /** When the attempt asked for a connection. */
  readonly startMs: number;
  /** The host is a canary, or the response says so. */
  canary: boolean;

  /** From the connection on, for the whole exchange; 0: no limit. The owner may change it before `start`. */
  maxDurationMs: number;
  /** From the end of the request to the head of the response; 0: no limit. The owner may change it before `start`. */
  perTryTimeoutMs = 0;
  /** From the end of the request, or a piece of the response, to the next one; 0: no limit. To be set before `start`. */
  perTryIdleTimeoutMs = 0;
  /** Its time for one attempt does not end it: others run beside it. To be set before `start`. */
  hedged = false;
  /** The time for one attempt is that of a handshake: the request has no end before it. To be set before `start`. */
  timesHandshake = false;
  /** Another attempt was made because of it. The owner's business. */
  retried = false;
  /**
   * The request asks for another protocol: its bytes wait until the response says so, because before that they would be
   * taken for HTTP. To be set before `start`.
   */
  awaitsSwitch = false;
  /** Bytes for a tunnel's host, before those of the tunnel; null for none. To be set before `start`. */
  preface: Buffer | null = null;
  /** What is told of this attempt alone; null: nothing. To be set before `start`. */
  log: AttemptLog | null = null;

  readonly #owner: UpstreamOwner;
  readonly #pool: RequestPool;
  readonly #headers: HeaderMap;
  /** The request ended with its head; a body that turned out to be empty is still framed as one, as in Envoy. */
  readonly #headersOnly: boolean;
  #endStream: boolean;
  #waiting: Buffer[] | null = null;
  #waitingBytes = 0;
  #trailers: HeaderMap | null = null;
  #done = false;
  #pushedBack = 0;
  #readsDisabled = 0;
  readonly #grpc: boolean;
  #durationTimer: Timer | null = null;
  #perTryTimer: Timer | null = null;
  #idleTimer: Timer | null = null;

  constructor(
    owner: UpstreamOwner,
    pool: RequestPool,
    headers: HeaderMap,
    grpc: boolean,
    endStream: boolean,
  ) {
    this.#owner = owner;
    this.#pool = pool;
    this.host = pool.host;
    this.canary = pool.host.canary;
    this.#grpc = grpc;
    this.maxDurationMs = pool.cluster.config.http.maxStreamDurationMs;
    this.startMs = pool.services.worker.nowMs();
    this.#headers = headers;
    this.#headersOnly = endStream;
    this.#endStream = endStream;
  }

  /** What there is of the request already. The pieces are kept as they are. To be called before `start`. */
  preload(pieces: readonly Buffer[], trailers: HeaderMap | null, endStream: boolean): void {
    this.#endStream = endStream && trailers === null;
    this.#trailers = trailers;
    for (const piece of pieces) {
      this.log?.onSent(piece.length);
      this.#wait(piece);
    }
  }

  start(): void {
    if (this.timesHandshake) this.#armPerTry();
    this.#pool.newStream(this);
  }

  data(data: Buffer, endStream: boolean): void {
    if (this.#done) return;
    this.log?.onSent(data.length);
    if (this.stream !== null && !this.awaitsSwitch) {
      this.#owner.onUpstreamSent(this, endStream);
      this.log?.onWritten(endStream);
      this.sent = endStream;
      if (endStream) this.#armPerTry();
      this.stream.encodeData(data, endStream);
      return;
    }
    this.#endStream = endStream;
    if (data.length > 0) this.#wait(Buffer.from(data));
  }

  #wait(data: Buffer): void {
    (this.#waiting ??= []).push(data);
    const before = this.#waitingBytes;
    this.#waitingBytes += data.length;
    const { bufferLimitBytes } = this.#owner;
    if (before <= bufferLimitBytes && this.#waitingBytes > bufferLimitBytes) this.#pushBack(true);
  }

  trailers(trailers: HeaderMap): void {
    if (this.#done) return;
    if (this.stream === null || this.awaitsSwitch) {
      this.#trailers = trailers;
      return;
    }
    this.sent = true;
    this.log?.onWritten(true);
    this.#armPerTry();
    this.stream.encodeTrailers(trailers);
  }

  /** Gives up this attempt; nothing more is heard of it. */
  reset(): void {
    if (this.#done) return;
    if (this.pending) this.log?.onHost(this.host);
    this.#finish();
    if (this.pending) {
      this.#owner.onUpstreamHost(this);
      this.#pool.cancel(this);
    } else if (this.stream !== null) this.stream.resetRequest();
  }

  /** Stops or resumes reading the response, from its stream on; calls nest. */
  readDisable(disable: boolean): void {
    if (this.#done) return;
    this.#readsDisabled += disable ? 1 : -1;
    this.stream?.readDisable(disable);
  }

  /** Counts the global timeout that ends this attempt. */
  countTimeout(): void {
    this.host.count(HostCounter.RqTimeout);
    if (!this.responseStarted) this.countError();
  }

  countError(): void {
    this.host.count(HostCounter.RqError);
  }

  /** Counts the failure of this attempt, unless the host was counted by what it had answered. */
  countFailure(reason: ResetReason): void {
    if (reason === "overflow") this.#pool.cluster.countDropped();
    else if (!this.responseStarted || this.grpcPending) this.countError();
  }

  onTimer(timer: Timer): void {
    if (timer === this.#perTryTimer || timer === this.#idleTimer) {
      this.#onPerTryTimeout(timer === this.#idleTimer);
      return;
    }
    this.#pool.count(STATS.upstream_rq_max_duration_reached);
    this.reset();
    this.#owner.onStreamDurationReached(this);
  }

  /** Whichever of the two comes first puts an end to the other. */
  #onPerTryTimeout(idle: boolean): void {
    this.#cancelPerTry();
    // A response that began may take its time.
    if (!idle && this.responseStarted) return;
    this.log?.onPerTryTimeout(idle);
    if (this.hedged) {
      this.#owner.onSoftTimeout(this);
      return;
    }
    this.#pool.count(
      idle ? STATS.upstream_rq_per_try_idle_timeout : STATS.upstream_rq_per_try_timeout,
    );
    this.countTimeout();
    this.reset();
    this.#owner.onPerTryTimeout(this, idle);
  }

  onPoolReady(stream: UpstreamStream): void {
    this.stream = stream;
    for (let i = 0; i < this.#readsDisabled; i++) stream.readDisable(true);
    if (this.maxDurationMs > 0) {
      this.#durationTimer = new Timer(this);
      this.#pool.services.worker.timers.arm(this.#durationTimer, this.maxDurationMs);
    }
    this.#owner.onUpstreamConnected(this, stream);
    this.log?.onConnected(stream, this.host);
    this.sent = this.#endStream || this.#trailers !== null;
    if (this.sent) this.#armPerTry();
    if (this.preface !== null) stream.encodeData(this.preface, false);
    stream.encodeHeaders(this.#headers, this.#headersOnly);
    if (!this.awaitsSwitch) this.#sendWaiting(stream);
    if (this.#done) return;
    this.#owner.onUpstreamSent(this, this.sent);
    this.log?.onWritten(this.sent);
  }

  /** What came before there was somebody to take it. */
  #sendWaiting(stream: UpstreamStream): void {
    const waiting = this.#waiting;
    if (waiting !== null) {
      this.#waiting = null;
      if (this.#waitingBytes > this.#owner.bufferLimitBytes) this.#pushBack(false);
      this.#waitingBytes = 0;
      const data = waiting.length === 1 ? waiting[0]! : Buffer.concat(waiting);
      stream.encodeData(data, this.#endStream);
    } else if (this.#endStream && !this.#headersOnly) {
      stream.encodeData(NOTHING, true);
    }
    if (this.#trailers !== null) stream.encodeTrailers(this.#trailers);
  }

  onPoolFailure(reason: ResetReason, details: string, refused: boolean): void {
    if (this.#done) return;
    if (!refused) this.log?.onHost(this.host);
    this.log?.onReset(reason, details);
    this.#finish();
    if (!refused) this.#owner.onUpstreamHost(this);
    this.#owner.onUpstreamReset(this, reason, details, reason !== "overflow");
  }

  onPoolRelease(): void {
    this.log?.onReleased(this.stream!);
    this.#owner.onUpstreamReleased(this, this.stream!);
  }

  onUpstream1xxHeaders(headers: HeaderMap): void {
    this.#owner.onUpstream1xxHeaders(this, headers);
  }

  onUpstreamHeaders(headers: HeaderMap, endStream: boolean): void {
    this.responseStarted = true;
    this.#restartIdle();
    this.canary ||= isCanary(headers);
    this.log?.onHeaders(headers);
    if (endStream) this.#complete();
    this.#owner.onUpstreamHeaders(this, headers, endStream);
    if (this.awaitsSwitch) this.#onSwitch();
  }

  /** The connection is the other protocol's, if the response said so. */
  #onSwitch(): void {
    if (this.#done || this.stream?.upgraded !== true) return;
    this.awaitsSwitch = false;
    this.sent = this.#endStream || this.#trailers !== null;
    this.#sendWaiting(this.stream);
  }

  onUpstreamData(data: Buffer, endStream: boolean): void {
    this.log?.onReceived(data.length);
    this.#restartIdle();
    if (endStream) {
      this.#countEnd(null);
      this.#complete();
    }
    this.#owner.onUpstreamData(this, data, endStream);
  }

  onUpstreamTrailers(trailers: HeaderMap): void {
    if (this.log !== null) this.log.responseTrailers = trailers;
    this.#countEnd(trailers);
    this.#complete();
    this.#owner.onUpstreamTrailers(this, trailers);
  }

  onUpstreamReset(reason: ResetReason, details: string, untouched: boolean): void {
    if (this.#done) return;
    this.log?.onReset(reason, details);
    this.#finish();
    this.#owner.onUpstreamReset(this, reason, details, untouched);
  }

  onUpstreamAboveWriteBufferHighWatermark(): void {
    this.#pushBack(true);
  }

  onUpstreamBelowWriteBufferLowWatermark(): void {
    this.#pushBack(false);
  }

  /**
   * 1 when the attempt is over and its place among the cluster's requests is given back: a budget of retries counts it all the
   * same. Not over HTTP/2, where Envoy's is given back before, too.
   */
  get endedPlaces(): 0 | 1 {
    return this.#done && this.stream?.carrier.protocol !== "HTTP/2" ? 1 : 0;
  }

  /** Counts the head of the response for or against the host. */
  countResponse(headers: HeaderMap, endStream: boolean): void {
    if (headers.status >= 500) this.#countOutcome(false);
    else if (!this.#grpc) this.#countOutcome(true);
    else if (endStream) this.#countOutcome(grpcSucceeded(headers));
    else this.grpcPending = true;
  }

  /** `trailers`: null when the body ended without. */
  #countEnd(trailers: HeaderMap | null): void {
    if (!this.grpcPending) return;
    this.grpcPending = false;
    this.#countOutcome(trailers !== null && grpcSucceeded(trailers));
  }

  #countOutcome(success: boolean): void {
    this.host.count(success ? HostCounter.RqSuccess : HostCounter.RqError);
  }

  /** The response is whole. A request that is not cannot be finished in peace: its connection goes. */
  #complete(): void {
    const { stream } = this;
    this.log?.onComplete();
    this.#finish();
    if (!this.sent) stream?.resetRequest();
  }

  /** The whole request went to the connection. */
  #armPerTry(): void {
    const { timers } = this.#pool.services.worker;
    if (this.perTryTimeoutMs > 0 && this.#perTryTimer === null) {
      this.#perTryTimer = new Timer(this);
      timers.arm(this.#perTryTimer, this.perTryTimeoutMs);
    }
    if (this.perTryIdleTimeoutMs > 0 && this.#idleTimer === null) {
      this.#idleTimer = new Timer(this);
      timers.arm(this.#idleTimer, this.perTryIdleTimeoutMs);
    }
  }

  /** Something came. */
  #restartIdle(): void {
    if (this.#idleTimer?.armed !== true) return;
    this.#pool.services.worker.timers.arm(this.#idleTimer, this.perTryIdleTimeoutMs);
  }

  #cancelPerTry(): void {
    const { timers } = this.#pool.services.worker;
    if (this.#perTryTimer !== null) timers.cancel(this.#perTryTimer);
    if (this.#idleTimer !== null) timers.cancel(this.#idleTimer);
  }

  #finish(): void {
    this.#done = true;
    const { timers } = this.#pool.services.worker;
    if (this.#durationTimer !== null) timers.cancel(this.#durationTimer);
    this.#cancelPerTry();
    this.log?.end();
    // The connection may serve others from here on.
    for (; this.#readsDisabled > 0; this.#readsDisabled--) this.stream?.readDisable(false);
    while (this.#pushedBack > 0) this.#pushBack(false);
  }

  #pushBack(on: boolean): void {
    this.#pushedBack += on ? 1 : -1;
    this.#pool.count(on ? BACKED_UP : DRAINED);
    this.#owner.pushBack(on);
  }
}

const STATS = CLUSTER_STATS.at;
const BACKED_UP = STATS.upstream_flow_control_backed_up_total;
const DRAINED = STATS.upstream_flow_control_drained_total;
const NOTHING = Buffer.alloc(0);

/** Two lines are one value, which is not that. */
function isCanary(headers: HeaderMap): boolean {
  return headers.get(CANARY) === "true" && headers.getAll(CANARY).length === 1;
}

const CANARY = "x-envoy-upstream-canary";
