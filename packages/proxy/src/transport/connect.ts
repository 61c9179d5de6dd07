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
import type {
  HandshakeCallbacks,
  UpstreamPeer,
  UpstreamTransportOptions,
  UpstreamTransportSocket,
} from "./transport-socket.ts";

export interface ConnectOptions {
  /** 0 waits as long as the kernel does. */
  readonly timeoutMs: number;
  /** per_connection_buffer_limit_bytes. */
  readonly bufferLimitBytes: number;
  /** Source address to bind to; empty for any. */
  readonly sourceIp: string;
  /** Seconds of idleness before the first keepalive probe; 0 sends none. */
  readonly keepaliveSeconds: number;
  /** What lies over the socket; null for nothing. Its handshake is part of the connect. */
  readonly secure: {
    readonly socket: UpstreamTransportSocket;
    readonly host: UpstreamPeer;
    readonly options: UpstreamTransportOptions;
  } | null;
}

export interface ConnectCallbacks {
  /** The connection is there and reads; its callbacks are to be set before this returns. */
  onConnected(connection: Connection): void;
  /**
   * It will never be. `reason` is text for logs, as Envoy has it: `delayed connect error: Connection refused`,
   * `TLS_error:|…:TLS_error_end`; empty with `timeout`, which says that connect_timeout passed, and for a peer that went.
   */
  onConnectFailure(reason: string, timeout: boolean): void;
}

/** A connection attempt. Exactly one of the callbacks' two ends is called, unless it is cancelled. */
export class Connector implements TimerTarget, HandshakeCallbacks {
  readonly #context: TransportContext;
  readonly #options: ConnectOptions;
  readonly #callbacks: ConnectCallbacks;
  #handle: NativeHandle | null;
  readonly #timer: Timer | null = null;
  /** What the attempt failed with before it began; 0 when it did not. */
  readonly #failure: number;
  #done = false;

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
    this.#done = true;
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

  onHandshakeDone(): void {
    this.#end(null);
  }

  onHandshakeFailure(reason: string): void {
    this.#end(reason);
  }

  #onComplete(status: number, kind: "delayed" | "immediate"): void {
    const handle = this.#handle;
    if (handle === null) return;
    if (status !== 0) {
      handle.close();
      this.#end(`${kind} connect error: ${errnoText(status)}`);
      return;
    }
    this.#setOptions(handle);
    const { secure } = this.#options;
    if (secure === null) {
      this.#end(null);
      return;
    }
    try {
      const secured = secure.socket.connect(handle, secure.host, secure.options, this);
      if (!this.#done) this.#handle = secured;
    } catch (error) {
      this.#context.loop.onException(error);
      handle.close();
      this.#end("");
    }
  }

  /** Tells how it ended: null is a connection. */
  #end(failure: string | null): void {
    if (this.#done) return;
    const handle = this.#handle!;
    const { loop, timers } = this.#context;
    loop.enter();
    this.#done = true;
    if (this.#timer !== null) timers.cancel(this.#timer);
    this.#handle = null;
    try {
      if (failure === null) this.#open(handle);
      else this.#callbacks.onConnectFailure(failure, false);
    } catch (error) {
      loop.onException(error);
    } finally {
      loop.leave();
    }
  }

  #setOptions(handle: NativeHandle): void {
    if (!("setNoDelay" in handle)) return;
    const tcp = handle as NativeTcp;
    tcp.setNoDelay(true);
    if (this.#options.keepaliveSeconds > 0) tcp.setKeepAlive(true, this.#options.keepaliveSeconds);
  }

  #open(handle: NativeHandle): void {
    const connection = new Connection(this.#context, handle, NO_CALLBACKS);
    connection.highWatermarkBytes = this.#options.bufferLimitBytes;
    connection.start();
    this.#callbacks.onConnected(connection);
  }
}

/** `@name` is the abstract namespace: a leading NUL on the wire. */
export function pipePath(path: string): string {
  return path.startsWith("@") ? `\0${path.slice(1)}` : path;
}
