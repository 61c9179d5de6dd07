import { sharedNowMs } from "../base/shared-clock.ts";
import type { OverloadInit } from "./model.ts";
import { EventLoopBeats } from "./overload-memory.ts";

/** Proves on a worker, beat by beat, that its event loop turns, and notes how late it was. */
export class LoopBeat {
  readonly #beats: EventLoopBeats;
  readonly #beatMs: number;
  readonly #workerId: number;
  #timer: NodeJS.Timeout | null = null;
  #dueMs = 0;

  constructor(init: OverloadInit, workerId: number) {
    this.#beats = new EventLoopBeats(init.memory);
    this.#beatMs = init.beatMs;
    this.#workerId = workerId;
  }

  start(): void {
    if (this.#beatMs === 0) return;
    const nowMs = sharedNowMs();
    this.#beats.note(this.#workerId, 0, nowMs);
    this.#schedule(nowMs);
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #schedule(nowMs: number): void {
    this.#dueMs = nowMs + this.#beatMs;
    this.#timer = setTimeout(() => this.#beat(), this.#beatMs);
    this.#timer.unref();
  }

  #beat(): void {
    const nowMs = sharedNowMs();
    this.#beats.note(this.#workerId, Math.max(0, nowMs - this.#dueMs), nowMs);
    this.#schedule(nowMs);
  }
}
