/**
 * Memory of a worker's sockets. Idle and small traffic reads into one shared buffer: every callback consumes what
 * was read before it returns. A connection whose reads fill it gets larger buffers of its own, which can be handed
 * on to a slow writer without a copy.
 */
export class ReadBuffers {
  static readonly SHARED_BYTES: number = 64 * 1024;
  /** With 256 KiB a response of 1 MiB costs 14 % more CPU, with buffers of 1 MiB up to 10 %: caches have an end. */
  static readonly BULK_BYTES: number = 512 * 1024;
  /** Buffers kept for reuse, of each size; more are left to the garbage collector. */
  static readonly POOL_MAX = 32;
  /** With more bulk buffers than this, a connection that is told not to read gives its own back. */
  static readonly BULK_MANY = 32;

  readonly shared: Buffer = Buffer.allocUnsafeSlow(ReadBuffers.SHARED_BYTES);
  /** The bulk buffer whose content is being dispatched right now; null while the shared one is. */
  current: Buffer | null = null;
  /** Set when a writer keeps `current`; its reader then takes another one. */
  currentTaken = false;
  readonly #bulk: Buffer[] = [];
  #bulkTaken = 0;
  readonly #stages: Buffer[] = [];

  /** There are so many bulk buffers that those of who does not read are missed. */
  get crowded(): boolean {
    return this.#bulkTaken > ReadBuffers.BULK_MANY;
  }

  takeBulk(): Buffer {
    this.#bulkTaken++;
    return this.#bulk.pop() ?? Buffer.allocUnsafeSlow(ReadBuffers.BULK_BYTES);
  }

  /** Memory of at least `length` bytes for a copy of borrowed data. */
  takeStage(length: number): Buffer {
    if (length === ReadBuffers.BULK_BYTES) return this.takeBulk();
    if (length > ReadBuffers.SHARED_BYTES) return Buffer.allocUnsafeSlow(length);
    return this.#stages.pop() ?? Buffer.allocUnsafeSlow(ReadBuffers.SHARED_BYTES);
  }

  /** A copy of borrowed data, at the beginning of memory that is to be released. */
  stageOf(data: Buffer): Buffer {
    const stage = this.takeStage(data.length);
    stage.set(data);
    return stage;
  }

  /** Takes back a bulk or stage buffer that nobody reads or writes any more. */
  release(buffer: Buffer): void {
    if (buffer.length === ReadBuffers.BULK_BYTES) {
      this.#bulkTaken--;
      if (this.#bulk.length < ReadBuffers.POOL_MAX) this.#bulk.push(buffer);
    } else if (buffer.length === ReadBuffers.SHARED_BYTES) {
      if (this.#stages.length < ReadBuffers.POOL_MAX) this.#stages.push(buffer);
    }
  }
}
