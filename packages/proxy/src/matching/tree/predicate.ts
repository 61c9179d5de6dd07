/** What a predicate says; `Unable` when it needs a value that is not there yet. */
export const Verdict = { No: 0, Yes: 1, Unable: 2 } as const;
export type Verdict = (typeof Verdict)[keyof typeof Verdict];

/** A predicate on a worker. */
export type Predicate<Data> = (data: Data) => Verdict;

/** All of them hold. The first that does not, or cannot tell, decides. */
export function allOf<Data>(predicates: readonly Predicate<Data>[]): Predicate<Data> {
  return (data) => {
    for (const predicate of predicates) {
      const verdict = predicate(data);
      if (verdict !== Verdict.Yes) return verdict;
    }
    return Verdict.Yes;
  };
}

/** One of them holds, whatever others cannot tell. */
export function anyOf<Data>(predicates: readonly Predicate<Data>[]): Predicate<Data> {
  return (data) => {
    let result: Verdict = Verdict.No;
    for (const predicate of predicates) {
      const verdict = predicate(data);
      if (verdict === Verdict.Yes) return verdict;
      if (verdict === Verdict.Unable) result = verdict;
    }
    return result;
  };
}

/** The opposite; who cannot tell still cannot. */
export function not<Data>(predicate: Predicate<Data>): Predicate<Data> {
  return (data) => {
    const verdict = predicate(data);
    if (verdict === Verdict.Unable) return verdict;
    return verdict === Verdict.Yes ? Verdict.No : Verdict.Yes;
  };
}
