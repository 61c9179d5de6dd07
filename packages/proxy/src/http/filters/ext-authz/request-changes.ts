import type { HeaderMap } from "@nuncio/codec";
import { exceedsHeaderLimits, type HeaderLimits } from "../../header-limits.ts";
import { MutationRules } from "../../header-mutations/mutation-rules.ts";
import { applyChange } from "./header-changes.ts";
import type { ExtAuthzConfig } from "./model.ts";
import { changeQuery, isUrlEncoded } from "./query-changes.ts";
import { isValidHeader, isValidHeaderName } from "./valid-header.ts";
import type { HeaderChange, HeaderLine, Verdict } from "./verdict.ts";

type Allowed = Extract<Verdict, { readonly kind: "ok" }>;

/**
 * Whether the request may take another route with what the service says. As in Envoy a header that is added as another line is no reason.
 *
 * @param names of headers, in lower case, whose changes count; null: of all
 */
export function changesRequest(
  { changes, remove, querySet, queryRemove }: Allowed,
  names: readonly string[] | null,
): boolean {
  if (querySet !== undefined || queryRemove !== undefined) return true;
  const counts = (name: string): boolean => names === null || names.includes(name);
  return (
    changes.some(({ name, action }) => action !== "add" && counts(name)) || remove.some(counts)
  );
}

/** What became of changes; `too_large`: the request would have more headers than a client may send. */
export type Outcome = "applied" | "invalid" | "too_large";

/** What services may change, and how that is done. */
export class RequestChanges {
  readonly #validates: boolean;
  readonly #rules: MutationRules | null;

  constructor({ validatesMutations, headerRules }: ExtAuthzConfig) {
    this.#validates = validatesMutations;
    this.#rules = headerRules === null ? null : new MutationRules(headerRules);
  }

  /**
   * Changes the request as the service wants. Unless all of it was applied the answer is no good, and the request not to be sent. As in
   * Envoy the limits are looked at after each change, so a request that has more headers before any stays as it is.
   */
  apply(verdict: Allowed, headers: HeaderMap, limits: HeaderLimits): Outcome {
    const set = this.#set(verdict.changes, headers, limits);
    if (set !== "applied") return set;
    const removed = this.#remove(verdict.remove, headers, limits);
    if (removed !== "applied") return removed;
    if (!this.accepts(verdict.toClient)) return "invalid";
    return this.#changeQuery(verdict, headers, limits);
  }

  /** Whether these headers can be sent to a client. */
  accepts(headers: readonly (HeaderChange | HeaderLine)[]): boolean {
    return !this.#validates || headers.every(isPossible);
  }

  /** Whether an answer with an unknown `append_action` is taken. */
  takesUnknownActions(): boolean {
    return !this.#validates;
  }

  #set(changes: Allowed["changes"], headers: HeaderMap, limits: HeaderLimits): Outcome {
    for (const change of changes) {
      if (this.#validates && !isValidHeader(change.name, change.value)) return "invalid";
      if (this.#rules === null || this.#rules.maySet(change.name, change.value)) {
        if (applyChange(change, headers) && exceedsHeaderLimits(headers, limits))
          return "too_large";
      } else if (this.#rules.disallowIsError) return "invalid";
    }
    return "applied";
  }

  #remove(names: readonly string[], headers: HeaderMap, limits: HeaderLimits): Outcome {
    for (const name of names) {
      if (this.#validates && !isValidHeaderName(name)) continue;
      if (this.#mayRemove(name)) {
        headers.remove(name);
        if (exceedsHeaderLimits(headers, limits)) return "too_large";
      } else if (this.#rules?.disallowIsError === true) return "invalid";
    }
    return "applied";
  }

  /** Without its Host a request would be none. */
  #mayRemove(name: string): boolean {
    if (this.#rules !== null) return this.#rules.mayRemove(name);
    return !name.startsWith(":") && name !== "host";
  }

  #changeQuery(
    { querySet = [], queryRemove = [] }: Allowed,
    headers: HeaderMap,
    limits: HeaderLimits,
  ): Outcome {
    if (querySet.length + queryRemove.length === 0) return "applied";
    if (this.#validates && !querySet.flat().every(isUrlEncoded)) return "invalid";
    changeQuery(headers, querySet, queryRemove);
    return exceedsHeaderLimits(headers, limits) ? "too_large" : "applied";
  }
}

function isPossible(header: HeaderChange | HeaderLine): boolean {
  return "name" in header
    ? isValidHeader(header.name, header.value)
    : isValidHeader(header[0], header[1]);
}
