import { closeSync } from "node:fs";
import { libc } from "./native-libc.ts";
import { newPipeSocket, type NativeHandle, type NativePipe } from "./native.ts";

const NO_ROOM = Buffer.alloc(0);

/** Who reads by itself. */
export interface ReadWatchOwner {
  /** The descriptor has something to read, or an error. Called again and again until it has not. */
  onReadable(): void;
}

/**
 * Tells in a turn of the loop when a descriptor can be read, and reads nothing: a handle of Node's that gives libuv a buffer without
 * room, which makes it call back instead of reading. It has a descriptor of its own for the same socket.
 */
export class ReadWatch {
  readonly #handle: NativePipe = newPipeSocket();

  /** Null where the descriptor cannot be watched: there are no more descriptors, or this system has no way. */
  static of(fd: number, owner: ReadWatchOwner): ReadWatch | null {
    const own = duplicate(fd);
    if (own < 0) return null;
    const watch = new ReadWatch();
    const handle = watch.#handle;
    handle.connection = owner;
    handle.onread = onRead;
    handle.useUserBuffer(NO_ROOM);
    if (handle.open(own) === 0) return watch;
    closeSync(own);
    handle.close();
    return null;
  }

  /** Returns 0, or a negative errno. */
  start(): number {
    return this.#handle.readStart();
  }

  stop(): void {
    this.#handle.readStop();
  }

  close(): void {
    this.#handle.close();
  }
}

/** Below 0: there is none. */
function duplicate(fd: number): number {
  try {
    return libc()?.duplicate(fd) ?? -1;
  } catch {
    return -1;
  }
}

function onRead(this: NativeHandle): undefined {
  (this.connection as ReadWatchOwner).onReadable();
}
