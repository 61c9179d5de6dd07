import { HeaderMutations } from "../../header-mutations/header-mutations.ts";
import { RETRY_HEADERS } from "../../retry/asked-retries.ts";
import type { ScopeConfig } from "../model.ts";
import type { RouteTableDeps } from "./deps.ts";

/** Header edits and filter configurations of one level: table, virtual host, route or weighted cluster. */
export class RouteScope {
  readonly hasFilterConfigs: boolean;
  readonly #config: ScopeConfig;
  readonly #deps: RouteTableDeps;
  #requestEdits: HeaderMutations | null | undefined;
  #responseEdits: HeaderMutations | null | undefined;
  /** What filters built from their configurations, by the filter's name. */
  #built: Map<string, unknown> | null = null;

  constructor(config: ScopeConfig, deps: RouteTableDeps) {
    this.#config = config;
    this.#deps = deps;
    this.hasFilterConfigs = config.perFilter !== undefined;
  }

  /** The edits of requests may set a header that asks for retries. */
  get setsRetryHeaders(): boolean {
    const { requestEdits } = this.#config;
    return requestEdits?.add.some(({ name }) => RETRY_HEADERS.has(name)) === true;
  }

  get requestEdits(): HeaderMutations | null {
    if (this.#requestEdits === undefined) {
      const { requestEdits } = this.#config;
      this.#requestEdits =
        requestEdits === undefined ? null : new HeaderMutations(requestEdits, this.#deps.worker);
    }
    return this.#requestEdits;
  }

  get responseEdits(): HeaderMutations | null {
    if (this.#responseEdits === undefined) {
      const { responseEdits } = this.#config;
      this.#responseEdits =
        responseEdits === undefined ? null : new HeaderMutations(responseEdits, this.#deps.worker);
    }
    return this.#responseEdits;
  }

  /** Whatever filter it is of. */
  hasFilterConfig(name: string): boolean {
    return (this.#config.perFilter?.[name]?.config ?? null) !== null;
  }

  /** Null when there is none, or it is of another type of filter. */
  filterConfig(name: string, configType: string): unknown {
    const config = this.#config.perFilter?.[name]?.config ?? null;
    if (config?.type !== configType) return null;
    this.#built ??= new Map();
    let built = this.#built.get(name);
    if (built === undefined) {
      built = this.#deps.buildPerRoute(config.type, config.plain);
      this.#built.set(name, built);
    }
    return built;
  }

  /** Undefined when nothing is said about the filter. */
  filterDisabled(name: string): boolean | undefined {
    return this.#config.perFilter?.[name]?.disabled;
  }
}
