import { Timer, type TimerTarget } from "../base/timer-wheel.ts";
import type { Address } from "../observe/stream-info.ts";
import { isPipe } from "./address.ts";
import { Connection } from "./connection.ts";
import { errnoText } from "./errno.ts";
import {
  newPipeConnect,
  newPipeSocket,
  newTcpConnect,
  newTcpSocket,
  type ConnectRequest,
  type NativeHandle,
  type NativePipe,
  type NativeTcp,
} from "./native.ts";
import { NO_CALLBACKS } from "./no-callbacks.ts";
import type { TransportContext } from "./transport-context.ts";

export interface ConnectOptions {
  /** 0 waits as long as the kernel does. */
  readonly timeoutMs: number;
  /** per_connection_buffer_limit_bytes. */
  readonly bufferLimitBytes: number;
  /** Source address to bind to; empty for any. */
  readonly sourceIp: string;
  /** Seconds of idleness before the first keepalive probe; 0 sends none. */
  readonly keepaliveSeconds: number;
}

export interface ConnectCallbacks {
  /** The connection is there and reads; its callbacks are to be set before this returns. */
  onConnected(connection: Connection): void;
  /**
   * It will never be. `reason` is text for logs, as Envoy has it: `delayed connect error: Connection refused`; empty with
   * `timeout`, which says that connect_timeout passed.
   */
  onConnectFailure(reason: string, timeout: boolean): void;
}

/** A connection attempt. Exactly one of the callbacks' two ends is called, unless it is cancelled. */
export class Connector implements TimerTarget {
  readonly #context: TransportContext;
  readonly #options: ConnectOptions;
  readonly #callbacks: ConnectCallbacks;
  #handle: NativeHandle | null;
  readonly #timer: Timer | null = null;
  /** What the attempt failed with before it began; 0 when it did not. */
  readonly #failure: number;

  constructor(
    context: TransportContext,
    target: Address,
    options: ConnectOptions,
    callbacks: ConnectCallbacks,
  ) {
    this.#context = context;
    this.#options = options;
    this.#callbacks = callbacks;
    const pipe = isPipe(target);
    this.#handle = pipe ? newPipeSocket() : newTcpSocket();
    const request = pipe ? newPipeConnect() : newTcpConnect();
    request.oncomplete = (status): void => this.#onComplete(status, "delayed");
    const status = this.#start(this.#handle, request, target, pipe);
    this.#failure = status;
    if (status !== 0 || options.timeoutMs > 0) {
      // The caller does not have this object yet: a failure is told in a later turn, as every other is.
      this.#timer = new Timer(this);
      context.timers.arm(this.#timer, status === 0 ? options.timeoutMs : 0);
    }
  }

  /** Gives up silently. */
  cancel(): void {
    if (this.#timer !== null) this.#context.timers.cancel(this.#timer);
    this.#handle?.close();
    this.#handle = null;
  }

  onTimer(): void {
    if (this.#failure !== 0) {
      this.#onComplete(this.#failure, "immediate");
      return;
    }
    this.cancel();
    this.#callbacks.onConnectFailure("", true);
  }

  #start(handle: NativeHandle, request: ConnectRequest, target: Address, pipe: boolean): number {
    if (pipe) return (handle as NativePipe).connect(request, pipePath(target.ip)) ?? 0;
    const tcp = handle as NativeTcp;
    const v6 = target.ip.includes(":");
    const { sourceIp } = this.#options;
    if (sourceIp !== "") {
      const bound = v6 ? tcp.bind6(sourceIp, 0, 0) : tcp.bind(sourceIp, 0, 0);
      if (bound !== 0) return bound;
    }
    request.address = target.ip;
    request.port = target.port;
    return v6
      ? tcp.connect6(request, target.ip, target.port)
      : tcp.connect(request, target.ip, target.port);
  }

  #onComplete(status: number, kind: "delayed" | "immediate"): void {
    const handle = this.#handle;
    if (handle === null) return;
    const { loop, timers } = this.#context;
    loop.enter();
    if (this.#timer !== null) timers.cancel(this.#timer);
    this.#handle = null;
    try {
      if (status !== 0) {
        handle.close();
        this.#callbacks.onConnectFailure(`${kind} connect error: ${errnoText(status)}`, false);
      } else {
        this.#callbacks.onConnected(this.#open(handle));
      }
    } catch (error) {
      loop.onException(error);
    } finally {
      loop.leave();
    }
  }

  #open(handle: NativeHandle): Connection {
    if ("setNoDelay" in handle) {
      const tcp = handle as NativeTcp;
      tcp.setNoDelay(true);
      if (this.#options.keepaliveSeconds > 0)
        tcp.setKeepAlive(true, this.#options.keepaliveSeconds);
    }
    const connection = new Connection(this.#context, handle, NO_CALLBACKS);
    connection.highWatermarkBytes = this.#options.bufferLimitBytes;
    connection.start();
    return connection;
  }
}

/** `@name` is the abstract namespace: a leading NUL on the wire. */
export function pipePath(path: string): string {
  return path.startsWith("@") ? `\0${path.slice(1)}` : path;
}
