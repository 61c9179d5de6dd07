import { SHED_POINTS } from "./points.ts";

/** What main and workers share of the overload manager. Goes to each worker in its `workerData`. */
export interface OverloadMemoryBuffers {
  readonly workers: number;
  /** A Float64 per shed point: written by main, read by workers with plain loads. */
  readonly values: SharedArrayBuffer;
  /** Int32: downstream connections of all workers, then a cache line with the share of each. */
  readonly connections: SharedArrayBuffer;
  /** Float64, a cache line per worker: what its event loop tells of its delays. */
  readonly beats: SharedArrayBuffer;
}

/** How often a worker's event loop proves that it turns, where somebody asks. */
export const BEAT_MS = 20;

const INTS_PER_LINE = 16;
const DOUBLES_PER_LINE = 8;

/** Nothing is shed, nothing is connected. */
export function createOverloadMemory(workers: number): OverloadMemoryBuffers {
  return {
    workers,
    values: new SharedArrayBuffer(SHED_POINTS * Float64Array.BYTES_PER_ELEMENT),
    connections: new SharedArrayBuffer(
      (1 + workers) * INTS_PER_LINE * Int32Array.BYTES_PER_ELEMENT,
    ),
    beats: new SharedArrayBuffer(workers * DOUBLES_PER_LINE * Float64Array.BYTES_PER_ELEMENT),
  };
}

/** The downstream connections of all workers, which are counted where there is a limit for them. */
export class ConnectionCount {
  readonly #cells: Int32Array;

  constructor({ connections }: OverloadMemoryBuffers) {
    this.#cells = new Int32Array(connections);
  }

  /** Takes a place for `worker`; false when `max` are taken. */
  tryAcquire(worker: number, max: number): boolean {
    if (Atomics.add(this.#cells, 0, 1) >= max) {
      Atomics.sub(this.#cells, 0, 1);
      return false;
    }
    this.#cells[(1 + worker) * INTS_PER_LINE]! += 1;
    return true;
  }

  release(worker: number): void {
    this.#cells[(1 + worker) * INTS_PER_LINE]! -= 1;
    Atomics.sub(this.#cells, 0, 1);
  }

  /** A worker died, and its connections with it. */
  takeBack(worker: number): void {
    const at = (1 + worker) * INTS_PER_LINE;
    Atomics.sub(this.#cells, 0, this.#cells[at]!);
    this.#cells[at] = 0;
  }
}

/** What a worker notes: the sum of all delays, how many there were, and when the last one was. */
const DELAY_SUM = 0;
const BEATS = 1;
const LAST_BEAT = 2;

/** Delays of event loops: each worker notes how late its beats are, main reads what came since it last looked. */
export class EventLoopBeats {
  readonly #cells: Float64Array;
  readonly #workers: number;
  readonly #seenSum: number[] = [];
  readonly #seenBeats: number[] = [];

  constructor({ beats, workers }: OverloadMemoryBuffers) {
    this.#cells = new Float64Array(beats);
    this.#workers = workers;
  }

  /** A beat of `worker` came `lateMs` after it was due, at `nowMs` of the clock that all threads share. */
  note(worker: number, lateMs: number, nowMs: number): void {
    const at = worker * DOUBLES_PER_LINE;
    this.#cells[at + DELAY_SUM]! += lateMs;
    this.#cells[at + BEATS]! += 1;
    this.#cells[at + LAST_BEAT] = nowMs;
  }

  /**
   * The mean delay since the last call, of the worker where it is greatest, in milliseconds. A loop that stands still counts
   * with the time since its last beat. A worker that has not begun counts for nothing.
   */
  takeMeanMs(nowMs: number, beatMs: number): number {
    let worst = 0;
    for (let worker = 0; worker < this.#workers; worker++)
      worst = Math.max(worst, this.#takeMeanOf(worker, nowMs, beatMs));
    return worst;
  }

  /** A worker died: its successor's beats begin when it does. */
  forget(worker: number): void {
    this.#cells[worker * DOUBLES_PER_LINE + LAST_BEAT] = 0;
  }

  #takeMeanOf(worker: number, nowMs: number, beatMs: number): number {
    const at = worker * DOUBLES_PER_LINE;
    const last = this.#cells[at + LAST_BEAT]!;
    if (last === 0) return 0;
    const sum = this.#cells[at + DELAY_SUM]!;
    const beats = this.#cells[at + BEATS]!;
    const count = beats - (this.#seenBeats[worker] ?? 0);
    const mean = count === 0 ? 0 : (sum - (this.#seenSum[worker] ?? 0)) / count;
    this.#seenSum[worker] = sum;
    this.#seenBeats[worker] = beats;
    return Math.max(mean, nowMs - last - beatMs);
  }
}
