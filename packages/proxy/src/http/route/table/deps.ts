import type { WorkerContext } from "../../../base/worker-context.ts";

/** What a route table on a worker is built with. */
export interface RouteTableDeps {
  readonly worker: WorkerContext;
  /** Builds what a filter's `compilePerRoute` gave; `type` is the type of the filter's configuration. */
  buildPerRoute(type: string, plain: unknown): unknown;
}
