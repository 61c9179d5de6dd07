import { bytesRead, type NativeIpcPipe } from "../../transport/native-ipc.ts";
import { newWriteRequest, type NativeSocket } from "../../transport/native.ts";

/** A message of the peer may have this many bytes: the stats of some hundred thousand scopes. */
const MESSAGE_BYTES_MAX = 256 * 1024 * 1024;
const LINE_END = 0x0a;

/** Hears what comes over a channel. */
export interface ChannelOwner<Incoming> {
  /** `descriptor` came with the message; the owner closes it. */
  onMessage(message: Incoming, descriptor: NativeSocket | undefined): void;
  /** The peer is gone, or said what cannot be read. Once; not after `close`. */
  onEnd(): void;
}

/** Messages between two processes of this host: lines of JSON over a Unix socket, with descriptors beside them. */
export class Channel<Incoming, Outgoing extends object> {
  readonly #pipe: NativeIpcPipe;
  readonly #owner: ChannelOwner<Incoming>;
  readonly #bytesMax: number;
  /** Of the line that is not complete. */
  #pieces: Buffer[] = [];
  #bytes = 0;
  /** Descriptors come with the first byte of their line, so they wait here for its last. */
  readonly #descriptors: NativeSocket[] = [];
  #open = true;

  constructor(
    pipe: NativeIpcPipe,
    owner: ChannelOwner<Incoming>,
    bytesMax: number = MESSAGE_BYTES_MAX,
  ) {
    this.#pipe = pipe;
    this.#owner = owner;
    this.#bytesMax = bytesMax;
    pipe.onread = (data): void => this.#onRead(data);
    pipe.readStart();
  }

  get open(): boolean {
    return this.#open;
  }

  /** Resolves when the system has the message; also when the peer is gone. `descriptor` stays the caller's. */
  send(message: Outgoing, descriptor?: NativeSocket): Promise<void> {
    if (!this.#open) return Promise.resolve();
    return new Promise((resolve) => {
      const request = newWriteRequest();
      request.oncomplete = (): void => resolve();
      const text = `${JSON.stringify(message)}\n`;
      const status =
        descriptor === undefined
          ? this.#pipe.writeUtf8String(request, text)
          : this.#pipe.writeUtf8String(request, text, descriptor);
      if (status !== 0) resolve();
      else if (descriptor === undefined && this.#pipe.writeQueueSize === 0) resolve();
    });
  }

  /** Does not keep the process alive by itself. */
  unref(): void {
    this.#pipe.unref();
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    for (const handle of this.#descriptors) handle.close();
    this.#pipe.close();
  }

  #onRead(data: ArrayBuffer | undefined): void {
    const { pendingHandle } = this.#pipe;
    if (pendingHandle) {
      this.#pipe.pendingHandle = null;
      this.#descriptors.push(pendingHandle);
    }
    const bytes = bytesRead(data);
    if (bytes === null) this.#end();
    else this.#onBytes(bytes);
  }

  #onBytes(bytes: Buffer): void {
    let rest = bytes;
    for (let at = rest.indexOf(LINE_END); at !== -1 && this.#open; at = rest.indexOf(LINE_END)) {
      this.#pieces.push(rest.subarray(0, at));
      const line = Buffer.concat(this.#pieces).toString();
      this.#pieces = [];
      this.#bytes = 0;
      rest = rest.subarray(at + 1);
      this.#onLine(line);
    }
    if (rest.length === 0) return;
    this.#pieces.push(rest);
    this.#bytes += rest.length;
    if (this.#bytes > this.#bytesMax) this.#end();
  }

  #onLine(line: string): void {
    let message: (Incoming & { descriptor?: boolean }) | null;
    try {
      message = JSON.parse(line) as Incoming & { descriptor?: boolean };
    } catch {
      message = null;
    }
    if (message === null || typeof message !== "object") {
      this.#end();
      return;
    }
    const descriptor = message.descriptor === true ? this.#descriptors.shift() : undefined;
    this.#owner.onMessage(message, descriptor);
  }

  #end(): void {
    if (!this.#open) return;
    this.close();
    this.#owner.onEnd();
  }
}
