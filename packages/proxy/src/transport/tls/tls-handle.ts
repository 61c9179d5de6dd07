import type { IoLoop, LoopTask } from "../io-loop.ts";
import type { NativeTls, NativeTlsError } from "../native-tls.ts";
import {
  EOF,
  READ_BYTES_OR_ERROR,
  newShutdownRequest,
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
import { TlsOutput } from "./tls-output.ts";
import type { TlsSession } from "./tls-session.ts";

/** `EPROTO`: what a connection is told when TLS went wrong. */
const PROTOCOL_ERROR = -71;
/** The side that a TLS handle belongs to. All but `onOpen` is called inside of OpenSSL: it must not write. */
export interface TlsRole {
  /** The peer may ask for another handshake later on, in which data has to wait. */
  readonly renegotiates: boolean;
  /** Bytes that came before OpenSSL took over. */
  onEarlyBytes(handle: TlsHandle, bytes: Buffer): void;
  /** The handshake is complete. False when the peer is refused, and then the role has closed or refused the handle. */
  onHandshakeDone(handle: TlsHandle, native: NativeTls): boolean;
  /** The handshake failed, for `reason`; empty when the peer just went. The role closes or refuses the handle. */
  onHandshakeError(handle: TlsHandle, reason: string, error: NativeTlsError | null): void;
  /** What came behind the handshake is no TLS, or an alert. The role refuses the handle. */
  onSessionError(handle: TlsHandle, reason: string): void;
  /** From now on the handle takes and gives data. */
  onOpen(handle: TlsHandle): void;
}

/**
 * A socket with TLS over it, in the form of the handle that a connection stands on. Node's TLS handle goes on handing
 * out what it has decrypted when it was told to stop; that is held here.
 */
export class TlsHandle implements SecureHandle, LoopTask {
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
  readonly #output: TlsOutput;
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
    this.#output = new TlsOutput(socket, loop, this, role.renegotiates);
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
    return this.#output.queueSize;
  }

  /** Reads what comes before OpenSSL takes over. */
  beginEarly(): void {
    this.socket.onread = onEarlyRead;
    this.socket.useUserBuffer(this.#buffer);
  }

  /** OpenSSL takes over. */
  begin(native: NativeTls): void {
    this.#native = native;
    this.tls.attach(native);
    native.connection = this;
    Object.assign(native, CALLBACKS);
    native.useUserBuffer(this.#buffer);
  }

  receive(early: Buffer): void {
    try {
      this.#role.onEarlyBytes(this, early);
    } catch (error) {
      this.onException(error);
    }
  }

  useUserBuffer(buffer: Buffer): void {
    if (buffer === this.#buffer) return;
    this.#buffer = buffer;
    (this.#native ?? this.socket).useUserBuffer(buffer);
  }

  readStart(): number {
    this.#paused = false;
    if (this.#held === null) return (this.#native ?? this.socket).readStart();
    this.#loop.soon(this);
    return 0;
  }

  readStop(): number {
    this.#paused = true;
    return (this.#native ?? this.socket).readStop();
  }

  writeLatin1String(request: WriteRequest, text: string): number {
    return this.#output.writeLatin1String(request, text);
  }

  writeBuffer(request: WriteRequest, data: Uint8Array): number {
    return this.#output.writeBuffer(request, data);
  }

  writev(request: WriteRequest, chunks: unknown[], allBuffers: boolean): number {
    return this.#output.writev(request, chunks, allBuffers);
  }

  shutdown(request: ShutdownRequest): number {
    return this.#output.shutdown(request);
  }

  close(): void {
    if (this.#state === "closed") return;
    const { busy, queueSize } = this.#output;
    const open = this.#end();
    if (open && busy && queueSize === 0) {
      // The kernel has it all, but close_notify can follow only when OpenSSL knows that, too.
      this.#closeWhenWritten = true;
      this.socket.readStop();
      this.#loop.soon(this);
    } else {
      this.#closeSocket(open && !busy);
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
    else if (this.#state === "open") this.#role.onSessionError(this, tlsErrorText(error));
  }

  onNativeHandshakeDone(): void {
    if (this.#state !== "handshake") return;
    if (!this.#role.onHandshakeDone(this, this.#native!)) return;
    this.#state = "open";
    this.tls.established = true;
    this.#output.open(this.#native!);
    // OpenSSL may have tickets to write before: what waits gets a turn of its own.
    if (this.#output.pending) this.#loop.soon(this);
    this.#role.onOpen(this);
  }

  onNativeWritten(status: number): void {
    const told = this.#output.onWritten(status, this);
    if (status < 0 && !told && this.#state === "open") this.#emit(status);
  }

  /** A turn of its own, for what could not be done where it came up. */
  onTurn(): void {
    if (this.#closeWhenWritten) {
      this.#closeSocket(!this.#output.busy);
      return;
    }
    if (this.#state === "open" && this.#output.flush(this) < 0) this.#emit(PROTOCOL_ERROR);
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
    if (this.#state === "handshake") this.#role.onHandshakeError(this, "", null);
    else this.#emit(PROTOCOL_ERROR);
    this.reset();
  }

  destroy(): void {
    this.tls.detach();
    this.#native?.destroySSL();
    this.#native = null;
    this.#output.cancel(this);
  }

  #onHandshakeEnd(status: number): void {
    this.#role.onHandshakeError(this, status === EOF ? "" : systemErrorText(status), null);
  }

  /** A held piece and an error never fill a buffer, so the connection keeps the one that it has. */
  #emit(count: number): void {
    streamState[READ_BYTES_OR_ERROR] = count;
    this.onread?.();
  }

  /** Takes no more of anything; says whether data could flow before. */
  #end(): boolean {
    const open = this.#state === "open";
    this.#state = "closed";
    this.#held = null;
    this.onread = null;
    this.#output.close();
    return open;
  }

  #closeSocket(notify: boolean): void {
    this.#closeWhenWritten = false;
    if (notify && !this.#output.shut) this.#native!.shutdown(newShutdownRequest());
    this.socket.close(onSocketClosed);
  }
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

const CALLBACKS: Pick<NativeTls, "onread" | "onerror" | "onhandshakedone"> = {
  onread: onRead,
  onerror: onError,
  onhandshakedone: onHandshakeDone,
};

function onSocketClosed(this: NativeHandle): void {
  handleOf(this).destroy();
}
