import type { HeaderMap } from "@nuncio/codec";
import { MutationRules } from "../../header-mutations/mutation-rules.ts";
import { applyChange } from "./header-changes.ts";
import type { ExtAuthzConfig } from "./model.ts";
import { changeQuery, isUrlEncoded } from "./query-changes.ts";
import { isValidHeader, isValidHeaderName } from "./valid-header.ts";
import type { HeaderChange, HeaderLine, Verdict } from "./verdict.ts";

type Allowed = Extract<Verdict, { readonly kind: "ok" }>;

/** Whether the request may take another route with what the service says. */
export function changesRequest({ changes, remove, querySet, queryRemove }: Allowed): boolean {
  const isQuery = querySet !== undefined || queryRemove !== undefined;
  return changes.length + remove.length > 0 || isQuery;
}

/** What services may change, and how that is done. */
export class RequestChanges {
  readonly #validates: boolean;
  readonly #rules: MutationRules | null;

  constructor({ validatesMutations, headerRules }: ExtAuthzConfig) {
    this.#validates = validatesMutations;
    this.#rules = headerRules === null ? null : new MutationRules(headerRules);
  }

  /** Changes the request as the service wants. False: the answer is no good, and the request not to be sent. */
  apply(verdict: Allowed, headers: HeaderMap): boolean {
    for (const change of verdict.changes) {
      if (this.#validates && !isValidHeader(change.name, change.value)) return false;
      if (this.#rules === null || this.#rules.maySet(change.name, change.value))
        applyChange(change, headers);
      else if (this.#rules.disallowIsError) return false;
    }
    for (const name of verdict.remove) if (!this.#remove(name, headers)) return false;
    return this.accepts(verdict.toClient) && this.#changeQuery(verdict, headers);
  }

  /** Whether these headers can be sent to a client. */
  accepts(headers: readonly (HeaderChange | HeaderLine)[]): boolean {
    return !this.#validates || headers.every(isPossible);
  }

  /** Whether an answer with an unknown `append_action` is taken. */
  takesUnknownActions(): boolean {
    return !this.#validates;
  }

  #remove(name: string, headers: HeaderMap): boolean {
    if (this.#validates && !isValidHeaderName(name)) return true;
    // Without its Host it would be none.
    if (
      this.#rules === null ? !name.startsWith(":") && name !== "host" : this.#rules.mayRemove(name)
    )
      headers.remove(name);
    else if (this.#rules?.disallowIsError === true) return false;
    return true;
  }

  #changeQuery({ querySet = [], queryRemove = [] }: Allowed, headers: HeaderMap): boolean {
    if (querySet.length + queryRemove.length === 0) return true;
    if (this.#validates && !querySet.flat().every(isUrlEncoded)) return false;
    changeQuery(headers, querySet, queryRemove);
    return true;
  }
}

function isPossible(header: HeaderChange | HeaderLine): boolean {
  return "name" in header
    ? isValidHeader(header.name, header.value)
    : isValidHeader(header[0], header[1]);
}
