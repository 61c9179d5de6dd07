import type { ByteSink } from "@nuncio/codec";
import type { TlsInfo } from "../observe/tls-info.ts";
import type { CloseReason, ConnectionCallbacks } from "./connection-callbacks.ts";
import { DelayedClose } from "./delayed-close.ts";
import { receiveEarly, type EarlyInput } from "./early-input.ts";
import { tellReads, tellShutdown, tellWritten, type NativeEvents } from "./native-events.ts";
import {
  EOF,
  LAST_WRITE_WAS_ASYNC,
  newShutdownRequest,
  newWriteRequest,
  streamState,
  type NativeHandle,
  type NativeTcp,
  type WriteRequest,
} from "./native.ts";
import { ReadBuffers } from "./read-buffers.ts";
import type { TransportContext } from "./transport-context.ts";
import { piecesOf } from "./write-pieces.ts";

export type { CloseReason, ConnectionCallbacks };

/** Bodies up to this size travel with the head as one string: one system call, no memory to keep. */
const SMALL_BYTES = 4096;
const NO_HEADS: readonly string[] = [];
/** A connection leaves bulk reading after this many reads that the shared buffer could have held. */
const SMALL_READS_MAX = 4;

/**
 * A socket, downstream or upstream. Output is collected until the end of the event loop's callback and then written
 * in one call; input is borrowed from the worker's buffers. Nothing here is asynchronous but the kernel.
 */
export class Connection implements ByteSink, NativeEvents {
  readonly id: number;
  readonly context: TransportContext;
  callbacks: ConnectionCallbacks;
  /** Null without TLS. */
  readonly tls: TlsInfo | null;
  /** Payload bytes read and written so far, queued ones included. */
  bytesReceived = 0;
  bytesSent = 0;
  /** Of what was written, the bytes that went to the kernel or wait in its queue. */
  bytesTaken = 0;
  /** When the kernel last took output that had to wait, in monotonic milliseconds. */
  lastDrainMs = 0;
  /** Monotonic milliseconds of the creation. */
  readonly startMs: number;
  /** Bytes of unsent output above which `onAboveWriteBufferHighWatermark` is called; half of it is the low one. */
  highWatermarkBytes = 1024 * 1024;
  /** With true, FIN is an event and the other direction stays open. */
  halfCloseEnabled = false;
  /** The peer did not close within the time that `closeAfterFlush` gave it. */
  lingerExpired = false;
  /** Bytes of the socket wait elsewhere: a close is a reset, as it is when the kernel has some. */
  hasUnread = false;
  /** Output waits for the end of the loop's turn, as other events may add to it; else for that of the callback. */
  gathersOutput = false;
  /** The loop's list of connections with output. */
  nextDirty: Connection | null = null;

  #handle: NativeHandle | null;
  #pending = "";
  #dirty = false;
  #aboveHigh = false;
  #readDisabled = 0;
  #early: EarlyInput | null = null;
  #bulk: Buffer | null = null;
  #smallReads = 0;
  #closing: "no" | "after_flush" | "lingering" = "no";
  #lingerMs = 0;
  #flushMs = 0;
  #delayedClose: DelayedClose | null = null;
  #writeShut = false;
  #endStreamSeen = false;

  constructor(context: TransportContext, handle: NativeHandle, callbacks: ConnectionCallbacks) {
    this.id = context.nextConnectionId();
    this.context = context;
    this.startMs = context.loop.now;
    this.callbacks = callbacks;
    this.#handle = handle;
    this.tls = (handle as { readonly tls?: TlsInfo }).tls ?? null;
    handle.connection = this;
    tellReads(handle);
    handle.useUserBuffer(context.buffers.shared);
  }

  get closed(): boolean {
    return this.#handle === null;
  }

  /** True once a close was asked for; nothing more is read or may be written. */
  get closing(): boolean {
    return this.#handle === null || this.#closing !== "no";
  }

  get readDisabled(): boolean {
    return this.#readDisabled > 0;
  }

  /** Null when closed. For addresses and socket options only. */
  get handle(): NativeHandle | null {
    return this.#handle;
  }

  /** Output that the kernel has not taken yet, in bytes. */
  get unsentBytes(): number {
    return this.#handle === null ? 0 : this.#handle.writeQueueSize + this.#pending.length;
  }

  /** Starts reading; call once, when the callbacks are in place. `early` was read off the socket before; it is borrowed. */
  start(early: Buffer | null = null): void {
    if (early !== null) this.#early = receiveEarly(this, early);
    if (this.#handle !== null && this.#readDisabled === 0) this.#handle.readStart();
  }

  /** Stops or resumes reading; calls nest. */
  readDisable(disable: boolean): void {
    if (disable) {
      if (this.#readDisabled++ === 0) this.#handle?.readStop();
    } else if (--this.#readDisabled === 0) {
      if (this.#early === null) this.#handle?.readStart();
      else this.#early.deliverSoon();
    }
  }

  writeLatin1(text: string): void {
    if (this.closing) return;
    this.bytesSent += text.length;
    this.#pending += text;
    if (this.#pending.length > ReadBuffers.SHARED_BYTES) this.flush();
    else this.#markDirty();
  }

  writeBytes(data: Buffer): void {
    if (this.closing || data.length === 0) return;
    this.bytesSent += data.length;
    if (data.length <= SMALL_BYTES) {
      this.#pending += data.latin1Slice(0, data.length);
      this.#markDirty();
      return;
    }
    this.#writeLarge(data, NO_HEADS, data.length);
  }

  /** Appends `data` in pieces of `pieceBytes`, each behind its head; all of it leaves in one write. */
  writePieces(heads: readonly string[], data: Buffer, pieceBytes: number): void {
    if (this.closing) return;
    this.bytesSent += data.length + heads.length * heads[0]!.length;
    this.#writeLarge(data, heads, pieceBytes);
  }

  /** Hands all collected output to the kernel. */
  flush(): void {
    const handle = this.#handle;
    if (handle === null || this.#pending === "") return;
    const text = this.#pending;
    this.#pending = "";
    this.#finishWrite(handle.writeLatin1String(spareRequest, text), text.length, null);
  }

  /** The loop's turn is over; only the loop calls this. */
  flushDirty(): void {
    this.#dirty = false;
    this.flush();
    if (this.#closing === "after_flush") this.#closeIfFlushed();
  }

  /** Sends FIN after what is queued; reading goes on. The connection ends when both sides have sent theirs. */
  halfClose(): void {
    this.flush();
    if (this.#handle !== null) this.#shutdown();
  }

  /**
   * Closes when everything is written: sends FIN, then discards input until the peer closes too or `lingerMs` are
   * over, so that the peer can read the last reply before a reset reaches it. 0 closes right after the write. A peer that
   * takes nothing of the output for `flushMs` is not waited for; 0 waits.
   */
  closeAfterFlush(lingerMs: number, flushMs = lingerMs): void {
    if (this.closing) return;
    this.hasUnread = false;
    [this.#lingerMs, this.#flushMs] = [lingerMs, flushMs];
    this.#closing = "after_flush";
    // The write itself waits for the end of the turn; whoever calls this has often more to do with the stream.
    this.#markDirty();
  }

  /** Closes now; unwritten output is lost. `reset` sends RST. */
  close(reason: CloseReason = "local", reset = false): void {
    const handle = this.#handle;
    if (handle === null) return;
    this.#handle = null;
    this.#pending = "";
    this.#delayedClose?.cancel();
    // While its content is dispatched a buffer is still read by the caller; onNativeRead gives it back.
    if (this.#bulk !== null && this.context.buffers.current !== this.#bulk) this.#releaseBulk();
    if ((reset || this.hasUnread) && "reset" in handle) (handle as NativeTcp).reset();
    else handle.close();
    this.callbacks.onClose(reason);
  }

  /** Called by the native handle; returns the buffer for the next read when it changes. */
  onNativeRead(count: number): Uint8Array | undefined {
    const { loop, buffers } = this.context;
    loop.enter();
    const bulk = this.#bulk;
    try {
      if (count > 0) {
        if (this.#closing !== "no") return undefined;
        this.bytesReceived += count;
        buffers.current = bulk;
        buffers.currentTaken = false;
        this.callbacks.onData(bulk ?? buffers.shared, 0, count);
      } else if (count === EOF) {
        this.#onEnd();
      } else if (count < 0) {
        this.#closeLost();
      }
    } catch (error) {
      loop.onException(error);
      this.close("local", true);
    }
    const taken = buffers.currentTaken;
    buffers.current = null;
    buffers.currentTaken = false;
    const slow = loop.isSlow(count); // who is, gets no larger buffer for it
    const next = this.#nextReadBuffer(bulk, taken, slow ? 0 : count); // first: `leave` may close
    loop.leave();
    if (slow) loop.rest(this);
    return next;
  }

  /** An asynchronous write is complete. */
  onNativeWritten(request: WriteRequest, status: number): void {
    const { loop, buffers } = this.context;
    loop.enter();
    if (request.retained !== null) buffers.release(request.retained as Buffer);
    request.retained = null;
    this.lastDrainMs = loop.now;
    try {
      if (this.#handle === null) return;
      if (status < 0) this.#closeLost();
      else if (this.#closing === "after_flush") this.#closeIfFlushed();
      else if (this.#aboveHigh && this.unsentBytes <= this.highWatermarkBytes >> 1) {
        this.#aboveHigh = false;
        this.callbacks.onBelowWriteBufferLowWatermark();
      }
    } catch (error) {
      loop.onException(error);
      this.close("local", true);
    } finally {
      loop.leave();
    }
  }

  /** FIN is out: with the peer's FIN seen, nothing is left to do. */
  onNativeShutdown(): void {
    if (!this.#endStreamSeen || this.#closing !== "no") return;
    const { loop } = this.context;
    loop.enter();
    try {
      this.close("local");
    } catch (error) {
      loop.onException(error);
    }
    loop.leave();
  }

  /** Takes what was read before the connection was there; it and `start` call this. */
  onEarlyInput(early: Buffer): void {
    this.#early = null;
    this.hasUnread = false;
    if (this.closing) return;
    this.bytesReceived += early.length;
    this.callbacks.onData(early, 0, early.length);
  }

  #markDirty(): void {
    if (this.#dirty) return;
    this.#dirty = true;
    this.context.loop.addDirty(this);
  }

  #writeLarge(data: Buffer, heads: readonly string[], pieceBytes: number): void {
    const handle = this.#handle!;
    const { buffers } = this.context;
    const current = buffers.current;
    const leased = current !== null && !buffers.currentTaken && data.buffer === current.buffer;
    let root: Buffer | null = current;
    let owned = data;
    if (!leased) {
      root = buffers.stageOf(data);
      owned = root.length === data.length ? root : root.subarray(0, data.length);
    }
    const text = this.#pending;
    this.#pending = "";
    const status =
      text === "" && heads.length === 0
        ? handle.writeBuffer(spareRequest, owned)
        : handle.writev(spareRequest, piecesOf(text, heads, owned, pieceBytes), false);
    const bytes = text.length + data.length + heads.length * (heads[0]?.length ?? 0);
    const kept = this.#finishWrite(status, bytes, root);
    if (leased) buffers.currentTaken = kept;
    else if (!kept) buffers.release(root!);
  }

  /** Says whether the write goes on behind our back and keeps `root`. */
  #finishWrite(status: number, bytes: number, root: Buffer | null): boolean {
    if (status !== 0) {
      this.#closeLost();
      return false;
    }
    this.bytesTaken += bytes;
    if (streamState[LAST_WRITE_WAS_ASYNC] === 0) return false;
    const request = spareRequest;
    spareRequest = newWriteRequest();
    request.retained = root;
    tellWritten(request);
    if (!this.#aboveHigh && this.unsentBytes > this.highWatermarkBytes) {
      this.#aboveHigh = true;
      this.callbacks.onAboveWriteBufferHighWatermark();
    }
    return true;
  }

  #onEnd(): void {
    if (this.#endStreamSeen) return;
    this.#endStreamSeen = true;
    if (this.#closing === "after_flush") return; // it may still read what is queued; the flush closes
    if (!this.halfCloseEnabled || this.#closing !== "no") {
      this.close("remote");
      return;
    }
    this.callbacks.onEndStream();
    // With output still queued it is the shutdown that ends the connection.
    if (this.#writeShut && this.#closing === "no" && this.unsentBytes === 0) this.close("remote");
  }

  #closeIfFlushed(): void {
    const handle = this.#handle;
    if (handle === null || handle.writeQueueSize > 0) {
      if (handle !== null && this.#flushMs > 0)
        (this.#delayedClose ??= new DelayedClose(this)).arm(this.#flushMs);
      return;
    }
    if (this.#lingerMs <= 0 || this.#endStreamSeen) {
      this.close("local");
      return;
    }
    this.#closing = "lingering";
    this.#shutdown();
    if (this.#readDisabled > 0) handle.readStart();
    (this.#delayedClose ??= new DelayedClose(this)).arm(this.#lingerMs);
  }

  #shutdown(): void {
    if (this.#writeShut) return;
    this.#writeShut = true;
    const request = newShutdownRequest();
    tellShutdown(request);
    request.connection = this;
    if (this.#handle!.shutdown(request) < 0) this.#closeLost();
  }

  /** The socket failed. Over TLS, Envoy too does not tell a reset from an end. */
  #closeLost(): void {
    this.close(this.tls === null ? "remote_reset" : "remote");
  }

  #nextReadBuffer(bulk: Buffer | null, taken: boolean, count: number): Uint8Array | undefined {
    if (this.#handle === null) {
      if (taken) this.#bulk = null;
      else if (this.#bulk !== null) this.#releaseBulk(); // null when `close` gave it back
      return undefined;
    }
    const { buffers } = this.context;
    const unused = this.#readDisabled > 0 && buffers.crowded;
    if (bulk === null) {
      if (unused || count < ReadBuffers.SHARED_BYTES) return undefined;
      this.#smallReads = 0;
      return (this.#bulk = buffers.takeBulk());
    }
    this.#smallReads = count < ReadBuffers.SHARED_BYTES ? this.#smallReads + 1 : 0;
    if (unused || this.#smallReads > SMALL_READS_MAX) {
      if (!taken) buffers.release(bulk);
      this.#bulk = null;
      return buffers.shared;
    }
    return taken ? (this.#bulk = buffers.takeBulk()) : undefined;
  }

  #releaseBulk(): void {
    this.context.buffers.release(this.#bulk!);
    this.#bulk = null;
  }
}

/** The next write's request. A write that completes at once leaves it unused, so nearly all writes share one object. */
let spareRequest: WriteRequest = newWriteRequest();
