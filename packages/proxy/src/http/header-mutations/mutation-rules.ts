import { buildFullMatch } from "../route/regex/safe-regex.ts";

/** `HeaderMutationRules` as plain data. */
export interface MutationRulesConfig {
  readonly allowAllRouting: boolean;
  readonly allowEnvoy: boolean;
  readonly disallowSystem: boolean;
  readonly disallowAll: boolean;
  /** Whole names that are allowed whatever the flags say, */
  readonly allowExpression: string | null;
  /** and those that never are. */
  readonly disallowExpression: string | null;
  /** A change that is not allowed is an error; else it is left out. */
  readonly disallowIsError: boolean;
}

const ROUTING: readonly string[] = ["host", ":authority", ":method", ":scheme"];

/** Which headers somebody else may change, on a worker. */
export class MutationRules {
  readonly disallowIsError: boolean;
  readonly #config: MutationRulesConfig;
  readonly #allowed: ((name: string) => boolean) | null;
  readonly #disallowed: ((name: string) => boolean) | null;

  constructor(config: MutationRulesConfig) {
    this.#config = config;
    this.disallowIsError = config.disallowIsError;
    const { allowExpression: allowed, disallowExpression: disallowed } = config;
    this.#allowed = allowed === null ? null : buildFullMatch(allowed);
    this.#disallowed = disallowed === null ? null : buildFullMatch(disallowed);
  }

  /** `name` is in lower case. */
  mayRemove(name: string): boolean {
    return !name.startsWith(":") && name !== "host" && this.#allows(name);
  }

  maySet(name: string, value: string): boolean {
    return this.#allows(name) && isPossible(name, value);
  }

  #allows(name: string): boolean {
    const { allowAllRouting, allowEnvoy, disallowAll, disallowSystem } = this.#config;
    if (this.#disallowed?.(name) === true) return false;
    if (this.#allowed?.(name) === true) return true;
    if (disallowAll) return false;
    if (!allowAllRouting && ROUTING.includes(name)) return false;
    if (disallowSystem && name.startsWith(":")) return false;
    return allowEnvoy || !name.startsWith("x-envoy");
  }
}

const AUTHORITY = /^[A-Za-z0-9\-._~%!$&'()*+,;=:@[\]]*$/;
const SCHEME = /^[A-Za-z][A-Za-z0-9+\-.]*$/;

/** Whether a request can have that value; of other headers nothing is known. */
function isPossible(name: string, value: string): boolean {
  if (name === "host" || name === ":authority") return AUTHORITY.test(value);
  return name !== ":scheme" || SCHEME.test(value);
}
