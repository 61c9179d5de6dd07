import type { IoLoop } from "../io-loop.ts";
import type { NativeTls, NativeTlsError } from "../native-tls.ts";
import {
  EOF,
  LAST_WRITE_WAS_ASYNC,
  READ_BYTES_OR_ERROR,
  newShutdownRequest,
  newWriteRequest,
  streamState,
  type NativeHandle,
  type NativeTcp,
  type ShutdownRequest,
  type SocketName,
  type WriteRequest,
} from "../native.ts";
import type { SecureHandle } from "../transport-socket.ts";
import { HeldInput } from "./held-input.ts";
import { systemErrorText, tlsErrorText } from "./tls-error.ts";
import type { TlsSession } from "./tls-session.ts";
import { WriteQueue } from "./write-queue.ts";

/** `EPROTO`: what a connection is told when TLS went wrong. */
const PROTOCOL_ERROR = -71;
/** A write up to this size leaves OpenSSL and goes to the socket in one piece. */
const WHOLE_WRITE_BYTES = 128 * 1024;

/** The side that a TLS handle belongs to. All but `onOpen` is called inside of OpenSSL: it must not write. */
export interface TlsRole {
  /** Bytes that came before OpenSSL took over. */
  onEarlyBytes(handle: TlsHandle, bytes: Buffer): void;
  /** The handshake is complete. False when the peer is refused, and then the role has closed or refused the handle. */
  onHandshakeDone(handle: TlsHandle, native: NativeTls): boolean;
  /** The handshake failed, for `reason`; empty when the peer just went. The role closes or refuses the handle. */
  onHandshakeError(handle: TlsHandle, reason: string, error: NativeTlsError | null): void;
  /** From now on the handle takes and gives data. */
  onOpen(handle: TlsHandle): void;
}

/**
 * A socket with TLS over it, in the form of the handle that a connection stands on. Node's TLS handle takes one write
 * at a time and says in a later turn that it is done; and it goes on handing out what it has decrypted when it was told
 * to stop. Both are put right here: a connection sees a socket that takes what the kernel takes.
 */
export class TlsHandle implements SecureHandle {
  connection: unknown = null;
  onread: ((this: NativeHandle) => Uint8Array | undefined) | null = null;
  readonly onconnection: null = null;
  readonly tls: TlsSession;
  readonly socket: NativeHandle;
  /** What a server has of a hello that is not complete. */
  early: Buffer | null = null;
  readonly #loop: IoLoop;
  readonly #role: TlsRole;
  #native: NativeTls | null = null;
  #state: "handshake" | "open" | "closed" = "handshake";
  #buffer: Buffer;
  #paused = true;
  #held: HeldInput | null = null;
  /** Writes take turns: one is given back only when its completion has been told. */
  #nextWrite: WriteRequest | null = null;
  #lastWrite: WriteRequest | null = null;
  /** Bytes of the write that OpenSSL works on; 0 for none. */
  #inFlight = 0;
  /** Who waits for that write, because the kernel did not take it at once. */
  #waiting: readonly WriteRequest[] | null = null;
  #queue: WriteQueue | null = null;
  #shutdown: ShutdownRequest | null = null;
  #shut = false;
  #closeWhenWritten = false;

  /** `buffer` is where reads go until a connection names another one. */
  constructor(
    socket: NativeHandle,
    session: TlsSession,
    role: TlsRole,
    loop: IoLoop,
    buffer: Buffer,
  ) {
    this.socket = socket;
    this.tls = session;
    this.#role = role;
    this.#loop = loop;
    this.#buffer = buffer;
    socket.connection = this;
  }

  get fd(): number {
    return this.socket.fd;
  }

  get closed(): boolean {
    return this.#state === "closed";
  }

  get writeQueueSize(): number {
    const queued = this.#queue === null ? 0 : this.#queue.bytes;
    return this.#waiting === null ? queued : queued + this.#inFlight;
  }

  get #blocked(): boolean {
    return this.#inFlight !== 0 || this.#state !== "open" || this.#queue !== null;
  }

  /** Reads what comes before OpenSSL takes over. */
  beginEarly(): void {
    this.socket.onread = onEarlyRead;
    this.socket.useUserBuffer(this.#buffer);
  }

  /** OpenSSL takes over. */
  begin(native: NativeTls): void {
    this.#native = native;
    native.connection = this;
    native.onread = onRead;
    native.onerror = onError;
    native.onhandshakedone = onHandshakeDone;
    native.useUserBuffer(this.#buffer);
  }

  receive(early: Buffer): void {
    if (this.#native === null) this.#role.onEarlyBytes(this, early);
    else this.#native.receive(early);
  }

  useUserBuffer(buffer: Buffer): void {
    if (buffer === this.#buffer) return;
    this.#buffer = buffer;
    (this.#native ?? this.socket).useUserBuffer(buffer);
  }

  readStart(): number {
    this.#paused = false;
    if (this.#held === null) return (this.#native ?? this.socket).readStart();
    setImmediate(deliverHeld, this);
    return 0;
  }

  readStop(): number {
    this.#paused = true;
    return (this.#native ?? this.socket).readStop();
  }

  writeLatin1String(request: WriteRequest, text: string): number {
    if (this.#blocked) return this.#enqueue(request, text.length, [text, "latin1"]);
    const status = this.#native!.writeLatin1String(this.#takeWrite(), text);
    return this.#issued(request, text.length, status);
  }

  writeBuffer(request: WriteRequest, data: Uint8Array): number {
    if (this.#blocked) return this.#enqueue(request, data.length, [data, "buffer"]);
    const status = this.#native!.writeBuffer(this.#takeWrite(), data);
    return this.#issued(request, data.length, status);
  }

  writev(request: WriteRequest, chunks: unknown[], allBuffers: boolean): number {
    let bytes = 0;
    for (let i = 0; i < chunks.length; i += 2) bytes += (chunks[i] as { length: number }).length;
    if (this.#blocked) return this.#enqueue(request, bytes, chunks);
    const status = this.#native!.writev(this.#takeWrite(), chunks, allBuffers);
    return this.#issued(request, bytes, status);
  }

  /** Says close_notify and sends FIN behind all that was written. */
  shutdown(request: ShutdownRequest): number {
    if (this.#blocked) {
      this.#shutdown = request;
      return 0;
    }
    this.#shut = true;
    return this.#native!.shutdown(request);
  }

  close(): void {
    if (this.#state === "closed") return;
    const open = this.#end();
    if (open && this.#inFlight > 0 && this.#queue === null && this.socket.writeQueueSize === 0) {
      // The kernel has it all, but close_notify can follow only when OpenSSL knows that, too.
      this.#closeWhenWritten = true;
      this.socket.readStop();
    } else {
      this.#closeSocket(open && this.#inFlight === 0);
    }
  }

  reset(): number {
    if (this.#state === "closed") return 0;
    this.#end();
    const done = "reset" in this.socket && (this.socket as NativeTcp).reset(onSocketClosed) === 0;
    if (!done) this.#closeSocket(false);
    return 0;
  }

  /** Tells the connection that TLS failed; it closes. */
  refuse(reason: string): void {
    this.tls.failureReason = reason;
    if (this.#state !== "closed") this.#emit(PROTOCOL_ERROR);
  }

  getsockname(out: SocketName): number {
    return "getsockname" in this.socket ? (this.socket as NativeTcp).getsockname(out) : -1;
  }

  getpeername(out: SocketName): number {
    return "getpeername" in this.socket ? (this.socket as NativeTcp).getpeername(out) : -1;
  }

  listen(): number {
    return PROTOCOL_ERROR;
  }

  open(): number {
    return PROTOCOL_ERROR;
  }

  ref(): void {
    this.socket.ref();
  }

  unref(): void {
    this.socket.unref();
  }

  onEarlyRead(): undefined {
    const count = streamState[READ_BYTES_OR_ERROR]!;
    if (this.#state !== "handshake") return;
    if (count > 0) this.#role.onEarlyBytes(this, this.#buffer.subarray(0, count));
    else if (count < 0) this.#onHandshakeEnd(count);
  }

  onNativeRead(): Uint8Array | undefined {
    if (this.#state === "open") {
      if (!this.#paused && this.#held === null) return this.onread!();
      (this.#held ??= new HeldInput()).add(this.#buffer, streamState[READ_BYTES_OR_ERROR]!);
    } else if (this.#state === "handshake" && streamState[READ_BYTES_OR_ERROR]! < 0) {
      this.#onHandshakeEnd(streamState[READ_BYTES_OR_ERROR]!);
    }
    return undefined;
  }

  onNativeError(error: NativeTlsError): void {
    if (this.#state === "handshake") this.#role.onHandshakeError(this, tlsErrorText(error), error);
    else if (this.#state === "open") this.#emit(PROTOCOL_ERROR);
  }

  onNativeHandshakeDone(): void {
    if (this.#state !== "handshake") return;
    this.tls.attach(this.#native!);
    if (!this.#role.onHandshakeDone(this, this.#native!)) return;
    this.#state = "open";
    this.tls.established = true;
    // OpenSSL may have tickets to write before: what waits gets a turn of its own.
    if (this.#queue !== null || this.#shutdown !== null) setImmediate(writeQueued, this);
    this.#role.onOpen(this);
  }

  onNativeWritten(status: number): void {
    const waiting = this.#waiting;
    this.#inFlight = 0;
    this.#waiting = null;
    if (status === 0) this.writeQueued();
    if (waiting !== null) {
      for (const request of waiting) complete(request, status, this);
    } else if (status < 0 && this.#state === "open") {
      this.#emit(status);
    }
    if (this.#closeWhenWritten) this.#closeSocket(status === 0);
  }

  /** Writes what had to wait, and then the end. */
  writeQueued(): void {
    if (this.#state !== "open" || this.#inFlight !== 0) return;
    const queue = this.#queue;
    if (queue !== null) {
      this.#queue = null;
      this.#inFlight = queue.bytes;
      this.#waiting = queue.requests;
      const status = this.#native!.writev(this.#takeWrite(), queue.chunks, false);
      if (status !== 0) this.onNativeWritten(status);
      return;
    }
    const request = this.#shutdown;
    if (request === null) return;
    this.#shutdown = null;
    if (this.shutdown(request) < 0) this.#emit(PROTOCOL_ERROR);
  }

  /** Hands out what was held back, as long as it is wanted. */
  deliverHeld(): void {
    while (this.#held !== null && !this.#paused && this.#state === "open") {
      const count = this.#held.take(this.#buffer);
      if (count !== 0) {
        this.#emit(count);
      } else {
        this.#held = null;
        this.#native!.readStart();
      }
    }
  }

  /** Something threw where nobody catches. */
  onException(error: unknown): void {
    this.#loop.onException(error);
    this.reset();
  }

  destroy(): void {
    this.tls.detach();
    this.#native?.destroySSL();
    this.#native = null;
  }

  #onHandshakeEnd(status: number): void {
    this.#role.onHandshakeError(this, status === EOF ? "" : systemErrorText(status), null);
  }

  /** A held piece and an error never fill a buffer, so the connection keeps the one that it has. */
  #emit(count: number): void {
    streamState[READ_BYTES_OR_ERROR] = count;
    this.onread?.();
  }

  #takeWrite(): WriteRequest {
    const request = this.#nextWrite ?? newWrite();
    this.#nextWrite = this.#lastWrite;
    this.#lastWrite = request;
    return request;
  }

  #enqueue(request: WriteRequest, bytes: number, chunks: readonly unknown[]): number {
    (this.#queue ??= new WriteQueue()).add(request, bytes, chunks);
    streamState[LAST_WRITE_WAS_ASYNC] = 1;
    return 0;
  }

  /** OpenSSL has encrypted it, so the memory is free again; what counts is whether the kernel took it, too. */
  #issued(request: WriteRequest, bytes: number, status: number): number {
    streamState[LAST_WRITE_WAS_ASYNC] = 0;
    if (status !== 0) return status;
    this.#inFlight = bytes;
    if (bytes > WHOLE_WRITE_BYTES || this.socket.writeQueueSize > 0) {
      this.#waiting = [request];
      streamState[LAST_WRITE_WAS_ASYNC] = 1;
    }
    return 0;
  }

  /** Takes no more of anything; says whether data could flow before. */
  #end(): boolean {
    const open = this.#state === "open";
    this.#state = "closed";
    this.#held = null;
    this.onread = null;
    return open;
  }

  #closeSocket(notify: boolean): void {
    this.#closeWhenWritten = false;
    if (notify && !this.#shut) this.#native!.shutdown(newShutdownRequest());
    this.socket.close(onSocketClosed);
  }
}

function newWrite(): WriteRequest {
  const request = newWriteRequest();
  request.oncomplete = onWritten;
  return request;
}

type Completion = (this: WriteRequest, status: number, handle: NativeHandle) => void;

function complete(request: WriteRequest, status: number, handle: TlsHandle): void {
  (request.oncomplete as Completion | null)?.call(request, status, handle);
}

function handleOf(native: NativeHandle): TlsHandle {
  return native.connection as TlsHandle;
}

function onEarlyRead(this: NativeHandle): undefined {
  const handle = handleOf(this);
  try {
    handle.onEarlyRead();
  } catch (error) {
    handle.onException(error);
  }
}

function onRead(this: NativeHandle): Uint8Array | undefined {
  return handleOf(this).onNativeRead();
}

function onError(this: NativeTls, error: NativeTlsError): void {
  const handle = handleOf(this);
  try {
    handle.onNativeError(error);
  } catch (thrown) {
    handle.onException(thrown);
  }
}

function onHandshakeDone(this: NativeTls): void {
  const handle = handleOf(this);
  try {
    handle.onNativeHandshakeDone();
  } catch (error) {
    handle.onException(error);
  }
}

function onWritten(this: WriteRequest, status: number, ...[native]: NativeHandle[]): void {
  handleOf(native!).onNativeWritten(status);
}

function onSocketClosed(this: NativeHandle): void {
  handleOf(this).destroy();
}

function writeQueued(handle: TlsHandle): void {
  handle.writeQueued();
}

function deliverHeld(handle: TlsHandle): void {
  handle.deliverHeld();
}
