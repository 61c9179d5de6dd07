import type { EventLoopUtilization } from "node:perf_hooks";
import { Worker as Thread } from "node:worker_threads";
import type { FromWorker, ToWorker, WorkerInit } from "../worker/messages.ts";

/** What the pool asks of its owner. */
export interface WorkerPoolOwner {
  /** Birth data of worker `id`; for a successor, of one that died, too. */
  init(id: number): WorkerInit;
  /** All that a worker must hear to serve what the others serve. */
  currentState(id: number): readonly ToWorker[];
  onMessage(id: number, message: FromWorker): void;
  /** Worker `id` died; a successor follows. What it held in shared memory is to be taken back. */
  onDeath(id: number, reason: string): void;
}

/** How long a worker that dies again and again is left alone before the next try. */
const RESTART_DELAY_MS_MAX = 5000;
/** A worker that lived this long starts afresh at no delay. */
const STABLE_MS = 10_000;

const NO_UTILIZATION: EventLoopUtilization = { idle: 0, active: 0, utilization: 0 };

/** The worker threads. One that dies is replaced under the same number; the others never notice. */
export class WorkerPool {
  readonly #owner: WorkerPoolOwner;
  readonly #entry: URL;
  readonly #threads: (Thread | null)[] = [];
  readonly #deaths: number[] = [];
  readonly #utilizations: EventLoopUtilization[] = [];
  #stopping = false;

  constructor(owner: WorkerPoolOwner, entry: URL) {
    this.#owner = owner;
    this.#entry = entry;
  }

  get size(): number {
    return this.#threads.length;
  }

  /** The numbers of those that take messages: none that died and is not replaced yet. */
  get living(): readonly number[] {
    return [...this.#threads.keys()].filter((id) => this.#threads[id] !== null);
  }

  /** Of the busiest worker, since this was last asked: the share of the time in which it was not idle, 0 to 1. */
  utilization(): number {
    let busiest = 0;
    for (const [id, thread] of this.#threads.entries()) {
      if (thread === null) continue;
      const now = thread.performance.eventLoopUtilization();
      const since = this.#utilizations[id];
      busiest = Math.max(busiest, thread.performance.eventLoopUtilization(now, since).utilization);
      this.#utilizations[id] = now;
    }
    return busiest;
  }

  /** Starts `count` workers; resolves when all of them are ready for messages. */
  async start(count: number): Promise<void> {
    await Promise.all(Array.from({ length: count }, (_, id) => this.#spawn(id)));
  }

  /** To one worker. */
  send(id: number, message: ToWorker): void {
    this.#threads[id]?.postMessage(message);
  }

  /** To all workers. */
  broadcast(message: ToWorker): void {
    for (const thread of this.#threads) thread?.postMessage(message);
  }

  /** Ends all workers; resolves when they are gone. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.broadcast({ kind: "shutdown" });
    await Promise.all(
      this.#threads.map(
        (thread) =>
          new Promise<void>((resolve) => {
            if (thread === null || thread.threadId === -1) resolve();
            else thread.once("exit", () => resolve());
          }),
      ),
    );
  }

  #spawn(id: number): Promise<void> {
    const thread = new Thread(this.#entry, { workerData: this.#owner.init(id), stdin: false });
    this.#threads[id] = thread;
    this.#utilizations[id] = NO_UTILIZATION;
    const bornMs = performance.now();
    let reason = "exited";
    thread.on("error", (error) => {
      reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    });
    thread.on("exit", () => this.#onExit(id, reason, performance.now() - bornMs));
    return new Promise((resolve) => {
      thread.on("message", (message: FromWorker) => {
        if (message.kind === "ready") resolve();
        this.#owner.onMessage(id, message);
      });
      thread.once("exit", () => resolve());
    });
  }

  #onExit(id: number, reason: string, livedMs: number): void {
    this.#threads[id] = null;
    if (this.#stopping) return;
    const deaths = livedMs > STABLE_MS ? 1 : (this.#deaths[id] ?? 0) + 1;
    this.#deaths[id] = deaths;
    this.#owner.onDeath(id, reason);
    // The first successor comes at once; one that cannot live must not eat the machine.
    const delayMs = deaths === 1 ? 0 : Math.min(RESTART_DELAY_MS_MAX, 100 * 2 ** deaths);
    setTimeout(() => {
      if (this.#stopping) return;
      void this.#spawn(id).then(() => {
        for (const message of this.#owner.currentState(id)) this.send(id, message);
      });
    }, delayMs);
  }
}
