import { readFileSync } from "node:fs";
import { parse } from "yaml";
import type { Difference } from "./compare.ts";
import { matchesAny } from "./wildcard.ts";

/** A difference that is meant to be. */
export interface Explanation {
  /** Why Nuncio differs, for the reader. */
  readonly reason: string;
  /** Case names; `*` stands for any text. Default: all. */
  readonly case?: string | string[];
  /** Facets, likewise. */
  readonly at: string | string[];
  /** The value must be exactly this; `null` means that the facet is absent. */
  readonly envoy?: string | null;
  readonly nuncio?: string | null;
  /** Holds only while Nuncio differs in this way: the cause, where `at` covers all its consequences. */
  readonly when?: { readonly at: string; readonly nuncio: string };
}

/** Decides which differences are explained, and remembers which explanations were of use. */
export class Explanations {
  readonly #all: readonly Explanation[];
  readonly #used = new Set<Explanation>();

  constructor(all: readonly Explanation[]) {
    this.#all = all;
    for (const entry of all) {
      if (!entry.reason || !entry.at)
        throw new Error(`an explanation needs reason and at: ${JSON.stringify(entry)}`);
    }
  }

  /** The explanation of one of a case's differences, or null. */
  find(caseName: string, difference: Difference, all: readonly Difference[]): Explanation | null {
    for (const entry of this.#all) {
      if (!matchesAny(entry.case ?? "*", caseName) || !matchesAny(entry.at, difference.at))
        continue;
      if (entry.envoy !== undefined && entry.envoy !== difference.left) continue;
      if (entry.nuncio !== undefined && entry.nuncio !== difference.right) continue;
      const { when } = entry;
      if (
        when !== undefined &&
        !all.some(({ at, right }) => at === when.at && right === when.nuncio)
      )
        continue;
      this.#used.add(entry);
      return entry;
    }
    return null;
  }

  /** Explanations that explained nothing: they must go. */
  unused(): Explanation[] {
    return this.#all.filter((entry) => !this.#used.has(entry));
  }

  /** The cases that explanations of no use so far name: their differences may be a matter of time. */
  casesOfUnused<Case extends { readonly name: string }>(cases: readonly Case[]): Case[] {
    const patterns = this.unused().flatMap((entry) => entry.case ?? []);
    return cases.filter(({ name }) => matchesAny(patterns, name));
  }
}

/** Reads data files: a YAML list each. */
export function loadExplanations(...files: readonly string[]): Explanations {
  return new Explanations(
    files.flatMap((file) => (parse(readFileSync(file, "utf8")) ?? []) as Explanation[]),
  );
}
