import type { InitTarget } from "../../config/context.ts";
import type { RouteTableConfig } from "../../http/route/model.ts";
import type { DeliveredScope } from "../../http/route/scoped/model.ts";
import { releaseAll } from "./init-targets.ts";
import type { CompiledScope } from "./scope-compiler.ts";

/** Routes that a scope names; `table` is null until they came. */
type ScopeRoutes = InitTarget & { readonly id: number; readonly table: RouteTableConfig | null };

/** One version of a scope, with its hold on the routes that it names. */
export class ScopeVersion {
  readonly scope: CompiledScope;
  /** Null when the routes came with the scope. */
  readonly routes: ScopeRoutes | null;
  /** Its routes are asked for: it is not on demand, or there was a demand. */
  isActive: boolean;
  /** Its routes have not come yet, and may still come in their time. */
  isWaiting = true;

  /** `before`: what it takes the place of. A demand for the same routes need not come again. */
  constructor(scope: CompiledScope, routes: ScopeRoutes | null, before: ScopeVersion | undefined) {
    this.scope = scope;
    this.routes = routes;
    const wasAsked = before?.isActive === true && before.routes === routes;
    this.isActive = !scope.onDemand || routes === null || wasAsked;
  }

  get hasRoutes(): boolean {
    return this.routes === null || this.routes.table !== null;
  }

  /** What workers are told. */
  get delivered(): DeliveredScope {
    const { name, key, routes } = this.scope;
    return { name, key, table: this.routes?.id ?? (typeof routes === "string" ? 0 : routes) };
  }

  release(): void {
    this.routes?.release();
    releaseAll(this.scope.targets);
  }
}
