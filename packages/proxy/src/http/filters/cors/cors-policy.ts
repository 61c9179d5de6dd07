import type { WorkerContext } from "../../../base/worker-context.ts";
import { RuntimeFraction } from "../../../runtime/values.ts";
import type { CorsPolicyConfig } from "../../cors/model.ts";
import { buildStringMatcher } from "../../route/matchers/string-matcher.ts";

/** Random numbers are taken as whole numbers, as in Envoy: below 2^53. */
const RANDOM_RANGE = 2 ** 53;
const ANY_ORIGIN = "*";

type Worker = Pick<WorkerContext, "random" | "runtime">;

/**
 * What the policies of one route come to: the most specific one says whether there is one, and each other thing is said by
 * the first of them that says anything.
 */
export class CorsPolicy {
  readonly allowMethods: string;
  readonly allowHeaders: string;
  readonly exposeHeaders: string;
  readonly maxAge: string;
  readonly allowCredentials: boolean;
  readonly allowPrivateNetworkAccess: boolean;
  readonly forwardNotMatchingPreflights: boolean;
  readonly #origins: readonly ((text: string) => boolean)[];
  /** A matcher takes `*`. */
  readonly #anyOrigin: boolean;
  readonly #enabled: RuntimeFraction | null;
  readonly #shadow: RuntimeFraction | null;
  readonly #worker: Worker;

  /** `configs` is not empty; the most specific one comes first. */
  constructor(configs: readonly CorsPolicyConfig[], worker: Worker) {
    const merged: CorsPolicyConfig = Object.assign({}, ...configs.toReversed());
    this.allowMethods = merged.allowMethods ?? "";
    this.allowHeaders = merged.allowHeaders ?? "";
    this.exposeHeaders = merged.exposeHeaders ?? "";
    this.maxAge = merged.maxAge ?? "";
    this.allowCredentials = merged.allowCredentials ?? false;
    this.allowPrivateNetworkAccess = merged.allowPrivateNetworkAccess ?? false;
    this.forwardNotMatchingPreflights = merged.forwardNotMatchingPreflights ?? true;
    this.#origins = (merged.allowOrigins ?? []).map(buildStringMatcher);
    this.#anyOrigin = this.#origins.some((matches) => matches(ANY_ORIGIN));
    const { filterEnabled, shadowEnabled } = configs[0]!;
    const { runtime } = worker;
    this.#enabled =
      filterEnabled === undefined ? null : new RuntimeFraction(filterEnabled, runtime);
    this.#shadow = shadowEnabled === undefined ? null : new RuntimeFraction(shadowEnabled, runtime);
    this.#worker = worker;
  }

  /** Whether a request is among those that are served by the policy; drawn anew by each call, as in Envoy. */
  enabled(): boolean {
    return this.#enabled === null || this.#draw(this.#enabled);
  }

  /** Whether its origin is at least counted. */
  shadowEnabled(): boolean {
    return this.#shadow !== null && this.#draw(this.#shadow);
  }

  allowsOrigin(origin: string): boolean {
    return this.#anyOrigin || this.#origins.some((matches) => matches(origin));
  }

  #draw(fraction: RuntimeFraction): boolean {
    return fraction.holds(Math.floor(this.#worker.random() * RANDOM_RANGE));
  }
}
