/**
 * What speaks against a listener: for each condition that is not as it should be because of it, the reason. Without
 * `programmed` the listener is served all the same.
 */
export interface Objection {
  readonly message: string;
  /** Why `Accepted` is False. */
  readonly accepted?: string;
  /** Why `ResolvedRefs` is False. */
  readonly resolvedRefs?: string;
  /** Why `Programmed` is False. */
  readonly programmed?: string;
  /** Why `Conflicted` is True. */
  readonly conflicted?: string;
}

/** The listener contradicts itself, or the rules of its protocol. */
export function invalid(message: string): Objection {
  return { message, accepted: "Invalid", programmed: "Invalid" };
}

/** True for a listener that is served. */
export function isServed(objections: readonly Objection[]): boolean {
  return objections.every(({ programmed }) => programmed === undefined);
}
