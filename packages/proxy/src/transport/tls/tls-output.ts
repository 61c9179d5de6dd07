import type { IoLoop, LoopTask } from "../io-loop.ts";
import type { NativeTls } from "../native-tls.ts";
import {
  LAST_WRITE_WAS_ASYNC,
  newWriteRequest,
  streamState,
  type NativeHandle,
  type ShutdownRequest,
  type WriteRequest,
} from "../native.ts";
import { WriteQueue } from "./write-queue.ts";

/** `UV_ECANCELED`. */
const CANCELED = -125;

/** A write up to this size leaves OpenSSL and goes to the socket in one piece. */
const WHOLE_WRITE_BYTES = 128 * 1024;

/**
 * What a connection writes over TLS. Node's TLS handle takes one write at a time and says in a later turn that it is
 * done; here writes that come meanwhile wait and leave together, and a write is done when the kernel has taken it. Nearly
 * all are at once: then nobody needs to be told, and the next write asks.
 */
export class TlsOutput {
  readonly #socket: NativeHandle;
  readonly #loop: IoLoop;
  readonly #owner: LoopTask;
  readonly #told: boolean;
  #native: NativeTls | null = null;
  /** Of the last write whose end nobody is told; Node is done with it when it is not `busy`. Null when it was told. */
  #lastWrite: WriteRequest | null = null;
  /** What was told of the last write. */
  #status = 0;
  /** Bytes of the write that OpenSSL works on; 0 for none. */
  #inFlight = 0;
  /** Who waits for that write, because the kernel did not take it at once. */
  #waiting: readonly WriteRequest[] | null = null;
  #queue: WriteQueue | null = null;
  #shutdown: ShutdownRequest | null = null;
  #closed = false;
  /** close_notify was said. */
  shut = false;

  /**
   * `owner` gets a turn when something waits for a write that nobody tells the end of. `told` has the end of each one
   * told: where OpenSSL may keep plain text, its output says nothing.
   */
  constructor(socket: NativeHandle, loop: IoLoop, owner: LoopTask, told: boolean) {
    this.#told = told;
    this.#socket = socket;
    this.#loop = loop;
    this.#owner = owner;
  }

  /** The handshake is done: what waits may go. */
  open(native: NativeTls): void {
    this.#native = native;
  }

  /** Bytes that the kernel has not taken. */
  get queueSize(): number {
    const queued = this.#queue === null ? 0 : this.#queue.bytes;
    return this.#waiting === null ? queued : queued + this.#inFlight;
  }

  /** OpenSSL is in the middle of a write. */
  get busy(): boolean {
    if (this.#inFlight === 0) return false;
    // Node takes a write out of OpenSSL's output in the moment in which it is done with it.
    if (this.#waiting !== null || this.#native!.writeQueueSize > 0) return true;
    this.#inFlight = 0;
    return false;
  }

  /** Something has to wait for a turn of its own. */
  get pending(): boolean {
    return this.#queue !== null || this.#shutdown !== null;
  }

  writeLatin1String(request: WriteRequest, text: string): number {
    const native = this.#free;
    if (native === null) return this.#enqueue(request, text.length, [text, "latin1"]);
    return this.#issued(request, text.length, native.writeLatin1String(this.#takeWrite(), text));
  }

  writeBuffer(request: WriteRequest, data: Uint8Array): number {
    const native = this.#free;
    if (native === null) return this.#enqueue(request, data.length, [data, "buffer"]);
    return this.#issued(request, data.length, native.writeBuffer(this.#takeWrite(), data));
  }

  writev(request: WriteRequest, chunks: unknown[], allBuffers: boolean): number {
    let bytes = 0;
    for (let i = 0; i < chunks.length; i += 2) bytes += (chunks[i] as { length: number }).length;
    const native = this.#free;
    if (native === null) return this.#enqueue(request, bytes, chunks);
    return this.#issued(request, bytes, native.writev(this.#takeWrite(), chunks, allBuffers));
  }

  /** Says close_notify and sends FIN behind all that was written. */
  shutdown(request: ShutdownRequest): number {
    const native = this.#free;
    if (native === null) {
      this.#shutdown = request;
      this.#askForTurn();
      return 0;
    }
    this.shut = true;
    return native.shutdown(request);
  }

  /** A write of OpenSSL is done. Says whether somebody is told of `status`. */
  onWritten(status: number, handle: NativeHandle): boolean {
    const waiting = this.#waiting;
    // One that the socket refuses is told before the call of Node's returns, and then that call's result tells it.
    const issuing = this.#inFlight === 0;
    this.#inFlight = 0;
    this.#waiting = null;
    this.#status = status;
    // Node is not done with it before this returns.
    this.#lastWrite = null;
    if (status === 0) this.flush(handle);
    if (waiting === null) return issuing;
    for (const request of waiting) complete(request, status, handle);
    return true;
  }

  /** Writes what had to wait, and then the end. Returns an error of the end. */
  flush(handle: NativeHandle): number {
    const native = this.#native;
    if (native === null || this.#closed) return 0;
    if (this.busy) {
      this.#askForTurn();
      return 0;
    }
    const queue = this.#queue;
    if (queue !== null) {
      this.#queue = null;
      this.#inFlight = queue.bytes;
      this.#waiting = queue.requests;
      const status = native.writev(this.#takeWrite(), queue.chunks, false);
      if (status !== 0) this.onWritten(status, handle);
      return 0;
    }
    const request = this.#shutdown;
    if (request === null) return 0;
    this.#shutdown = null;
    return this.shutdown(request);
  }

  /** Takes and writes no more. */
  close(): void {
    this.#closed = true;
    this.#shutdown = null;
  }

  /** The socket is gone: tells those whose writes still wait. */
  cancel(handle: NativeHandle): void {
    const queue = this.#queue;
    this.#queue = null;
    if (queue !== null) for (const request of queue.requests) complete(request, CANCELED, handle);
  }

  /** Null while a write has to wait. */
  get #free(): NativeTls | null {
    return this.#queue !== null || this.#closed || this.busy ? null : this.#native;
  }

  #takeWrite(): WriteRequest {
    const request = spareWrite;
    request.oncomplete = onWritten;
    spareWrite = this.#lastWrite ?? newWriteRequest();
    this.#lastWrite = request;
    return request;
  }

  #enqueue(request: WriteRequest, bytes: number, chunks: readonly unknown[]): number {
    if (this.#queue === null) {
      this.#queue = new WriteQueue();
      this.#askForTurn();
    }
    this.#queue.add(request, bytes, chunks);
    streamState[LAST_WRITE_WAS_ASYNC] = 1;
    return 0;
  }

  /** OpenSSL has encrypted it, so the memory is free again; what counts is whether the kernel took it, too. */
  #issued(request: WriteRequest, bytes: number, status: number): number {
    streamState[LAST_WRITE_WAS_ASYNC] = 0;
    if (status !== 0) return status;
    const write = this.#lastWrite;
    if (write === null) return this.#status;
    this.#inFlight = bytes;
    if (this.#told || bytes > WHOLE_WRITE_BYTES || this.#socket.writeQueueSize > 0) {
      this.#waiting = [request];
      streamState[LAST_WRITE_WAS_ASYNC] = 1;
    } else {
      write.oncomplete = null;
    }
    return 0;
  }

  /** Nobody tells the end of a write that the kernel took at once, nor that of the handshake. */
  #askForTurn(): void {
    if (this.#native !== null && this.#waiting === null) this.#loop.soon(this.#owner);
  }
}

/** The next write's request, for all connections: nearly every one of them gives another one back for it. */
let spareWrite: WriteRequest = newWriteRequest();

type Completion = (this: WriteRequest, status: number, handle: NativeHandle) => void;

function complete(request: WriteRequest, status: number, handle: NativeHandle): void {
  (request.oncomplete as Completion | null)?.call(request, status, handle);
}

/** What a TLS handle's owner is told of its writes. */
interface WriteOwner {
  onNativeWritten(status: number): void;
}

function onWritten(this: WriteRequest, status: number, ...[native]: NativeHandle[]): void {
  (native!.connection as WriteOwner).onNativeWritten(status);
}
