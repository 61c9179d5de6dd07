import {
  LAST_WRITE_WAS_ASYNC,
  streamState,
  type NativeHandle,
  type ShutdownRequest,
  type WriteRequest,
} from "../transport/native.ts";

/** A socket that leads nowhere: keeps what is written, and never reads by itself. */
export class SilentHandle implements NativeHandle {
  connection: unknown = null;
  onread: NativeHandle["onread"] = null;
  onconnection: NativeHandle["onconnection"] = null;
  readonly fd = -1;
  readonly writeQueueSize = 0;
  /** Everything that was written, one character per byte. */
  written = "";

  writeLatin1String(_request: WriteRequest, text: string): number {
    return this.#take(text);
  }

  writeBuffer(_request: WriteRequest, data: Uint8Array): number {
    return this.#take(Buffer.from(data).toString("latin1"));
  }

  writev(_request: WriteRequest, chunks: unknown[]): number {
    for (let i = 0; i < chunks.length; i += 2) {
      const chunk = chunks[i] as string | Uint8Array;
      this.#take(typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("latin1"));
    }
    return 0;
  }

  shutdown(_request: ShutdownRequest): number {
    return 0;
  }

  close(closed?: () => void): void {
    closed?.();
  }

  readStart(): number {
    return 0;
  }

  readStop(): number {
    return 0;
  }

  useUserBuffer(): void {}

  listen(): number {
    return 0;
  }

  open(): number {
    return 0;
  }

  ref(): void {}

  unref(): void {}

  #take(text: string): number {
    this.written += text;
    // What every write of a real handle leaves behind; a connection looks right after its own.
    streamState[LAST_WRITE_WAS_ASYNC] = 0;
    return 0;
  }
}
