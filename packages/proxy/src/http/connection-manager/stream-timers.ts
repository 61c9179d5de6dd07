import { TimerKind } from "../../base/timer-scale.ts";
import { Timer, type TimerTarget } from "../../base/timer-wheel.ts";
import { isGrpcRequest } from "../../observe/format/grpc-status.ts";
import { ResponseFlag } from "../../observe/stream-info.ts";
import type { RouteEntry } from "../route/entry.ts";
import type { ActiveStream } from "./active-stream.ts";
import type { HttpConnection } from "./http-connection.ts";
import { setDeadlineExceeded } from "./local-reply.ts";
import { streamDurationMs } from "./stream-duration.ts";

/** The limits of time of one stream (idle, whole request, whole stream) and the beat of its periodic log. */
export class StreamTimers implements TimerTarget {
  /** 0: none. A route may have its own. */
  idleTimeoutMs: number;
  flushTimeoutMs: number;
  readonly #stream: ActiveStream;
  readonly #connection: HttpConnection;
  readonly #idle: Timer = new Timer(this, TimerKind.HttpDownstreamStreamIdle);
  #request: Timer | null = null;
  #duration: Timer | null = null;
  #log: Timer | null = null;
  /** The response is complete but for what the client does not take. */
  #flushing = false;

  constructor(stream: ActiveStream, connection: HttpConnection) {
    this.#stream = stream;
    this.#connection = connection;
    this.idleTimeoutMs = stream.manager.config.streamIdleTimeoutMs;
    this.flushTimeoutMs = stream.manager.config.streamFlushTimeoutMs;
  }

  /** With the first byte of a head that came in part, without a route yet, and again with the whole head. */
  arm(endStream: boolean, route: RouteEntry | null): void {
    const { config } = this.#stream.manager;
    const { timers } = this.#connection.worker;
    if (this.idleTimeoutMs > 0) timers.arm(this.#idle, this.idleTimeoutMs);
    if (config.requestTimeoutMs > 0 && !endStream && this.#request === null) {
      this.#request = new Timer(this);
      timers.arm(this.#request, config.requestTimeoutMs);
    }
    if (config.logIntervalMs > 0 && this.#log === null) {
      this.#log = new Timer(this);
      timers.arm(this.#log, config.logIntervalMs);
    }
    this.#armDuration(route);
  }

  touchIdle(): void {
    if (this.#idle.armed && !this.#flushing)
      this.#connection.worker.timers.arm(this.#idle, this.idleTimeoutMs);
  }

  /** The request is complete, or answered: whatever is still to come of it may take its time. */
  cancelRequest(): void {
    if (this.#request !== null) this.#connection.worker.timers.cancel(this.#request);
  }

  /** From here on it is the client that is waited for. */
  beginFlush(): void {
    this.cancelAll();
    this.#flushing = true;
    this.#idle.kind = TimerKind.HttpDownstreamStreamFlush;
    if (this.flushTimeoutMs > 0)
      this.#connection.worker.timers.arm(this.#idle, this.flushTimeoutMs);
  }

  cancelAll(): void {
    const { timers } = this.#connection.worker;
    timers.cancel(this.#idle);
    if (this.#request !== null) timers.cancel(this.#request);
    if (this.#duration !== null) timers.cancel(this.#duration);
    if (this.#log !== null) timers.cancel(this.#log);
  }

  onTimer(timer: Timer): void {
    const connection = this.#connection;
    const stream = this.#stream;
    if (timer === this.#log) {
      connection.worker.timers.arm(timer, stream.manager.config.logIntervalMs);
      stream.logEarly("DownstreamPeriodic");
    } else if (timer === this.#request) {
      connection.count("downstream_rq_timeout");
      stream.sendLocalReply(408, "request timeout", "request_overall_timeout");
    } else if (timer === this.#duration) {
      connection.count("downstream_rq_max_duration_reached");
      const grpc = stream.streamInfo.grpc ?? isGrpcRequest(stream.requestHeaders);
      stream.sendLocalReply(
        this.#status,
        "downstream duration timeout",
        "max_duration_timeout",
        grpc ? setDeadlineExceeded : undefined,
      );
    } else if (this.#flushing) {
      stream.onFlushTimeout();
    } else {
      connection.count("downstream_rq_idle_timeout");
      stream.streamInfo.responseFlags |= ResponseFlag.StreamIdleTimeout;
      stream.sendLocalReply(this.#status, "stream timeout", "stream_idle_timeout");
    }
  }

  /** Who is late: the upstream when the request is whole, else the client. */
  get #status(): number {
    return this.#stream.requestComplete ? 504 : 408;
  }

  /** A route may turn the limit off that was armed with the first byte. */
  #armDuration(route: RouteEntry | null): void {
    const { worker } = this.#connection;
    const managerMs = this.#stream.manager.config.maxStreamDurationMs;
    const durationMs = route?.limitsStreams
      ? streamDurationMs(route, this.#stream.requestHeaders!, managerMs)
      : managerMs || -1;
    if (durationMs >= 0) {
      this.#duration ??= new Timer(this);
      const usedMs = worker.nowMs() - this.#stream.streamInfo.startMs;
      worker.timers.arm(this.#duration, Math.max(0, durationMs - usedMs));
    } else if (this.#duration !== null) worker.timers.cancel(this.#duration);
  }
}
