import type { Subscriptions } from "../../config/subscriptions.ts";
import type { StatsRegistry, WorkerStats } from "../../observe/stats/definition.ts";
import type { ToWorker } from "../../worker/messages.ts";
import type { ResourceContext } from "./resource-compiler.ts";

/** What everything that follows a control plane works with. */
export interface LiveParts {
  readonly subscriptions: Subscriptions;
  readonly context: ResourceContext;
  /** Configuration that is not implemented is a warning (`--allow-unimplemented`). */
  readonly allowUnimplemented: boolean;
  readonly registry: StatsRegistry;
  /** Main's own. */
  readonly stats: WorkerStats;
  /** Milliseconds since the epoch. */
  readonly wallMs: () => number;
  /** To all workers. */
  post(message: ToWorker): void;
  /** Something went wrong that nobody waits for: a text for the log. */
  warn(text: string): void;
}
