import { collectGarbage } from "../base/collect-garbage.ts";
import type { StatsRegistry, WorkerStats } from "../observe/stats/definition.ts";
import { libc } from "../transport/native-libc.ts";
import { overloadInit } from "./init.ts";
import type { OverloadDefinition, OverloadInit, OverloadUpdate } from "./model.ts";
import { createMonitor } from "./monitors/create.ts";
import { OverloadManager } from "./overload-manager.ts";
import {
  ConnectionCount,
  createOverloadMemory,
  EventLoopBeats,
  type OverloadMemoryBuffers,
} from "./overload-memory.ts";

/** What the overload manager tells the workers. */
export type OverloadMessage =
  | { readonly kind: "overload"; readonly update: OverloadUpdate }
  | { readonly kind: "collect_garbage" };

/** What main hands over to the overload manager. */
export interface MainOverloadOptions {
  readonly workers: number;
  readonly registry: StatsRegistry;
  readonly stats: WorkerStats;
  /** To all workers. */
  post(message: OverloadMessage): void;
  /** For the log. */
  info(text: string): void;
}

/** The overload manager of a process, with the memory that it shares with the workers. */
export class MainOverload {
  readonly manager: OverloadManager;
  /** What each worker is born with. */
  readonly init: OverloadInit;
  readonly #memory: OverloadMemoryBuffers;

  constructor(definition: OverloadDefinition, options: MainOverloadOptions) {
    const { registry, stats } = options;
    const memory = createOverloadMemory(options.workers);
    this.#memory = memory;
    this.init = overloadInit(definition, memory, registry);
    this.manager = new OverloadManager(definition, {
      registry,
      stats,
      memory,
      createMonitor: (monitor) => createMonitor(monitor, memory),
      post: (update) => options.post({ kind: "overload", update }),
      collectGarbage() {
        options.post({ kind: "collect_garbage" });
        collectGarbage();
      },
      releaseMemory: () => libc()?.releaseMemory(),
      info: (text) => options.info(text),
      nowMs: () => performance.now(),
    });
  }

  /** What a worker must hear that takes another one's place. */
  messages(): OverloadMessage[] {
    return [{ kind: "overload", update: this.manager.update }];
  }

  /** A worker died: its connections are gone, and its event loop stands still for good. */
  workerDied(workerId: number): void {
    new ConnectionCount(this.#memory).takeBack(workerId);
    new EventLoopBeats(this.#memory).forget(workerId);
  }
}
