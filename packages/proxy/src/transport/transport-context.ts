import type { TimerWheel } from "../base/timer-wheel.ts";
import { IoLoop } from "./io-loop.ts";
import { ReadBuffers } from "./read-buffers.ts";

/** What all connections of a worker share. */
export class TransportContext {
  readonly loop: IoLoop;
  readonly buffers: ReadBuffers = new ReadBuffers();
  readonly timers: TimerWheel;
  /** Connections made by this worker so far, both sides; the source of connection ids. */
  #connections = 0;
  readonly #idStep: number;
  readonly #idStart: number;

  /** Ids of worker `workerId` are `workerId`, `workerId + workers` …: unique in the process without sharing. */
  constructor(loop: IoLoop, timers: TimerWheel, workerId: number, workers: number) {
    this.loop = loop;
    this.timers = timers;
    this.#idStart = workerId;
    this.#idStep = workers;
  }

  nextConnectionId(): number {
    return this.#idStart + this.#idStep * this.#connections++;
  }
}
