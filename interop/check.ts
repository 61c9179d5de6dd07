/** The outcome of one check of the interop run. */
export interface CheckResult {
  readonly name: string;
  readonly outcome: "passed" | "failed" | "skipped";
  /** Why it failed or was skipped; empty when it passed. */
  readonly detail: string;
}

/** A result: `problem` null means passed. */
export function checkResult(name: string, problem: string | null): CheckResult {
  return problem === null
    ? { name, outcome: "passed", detail: "" }
    : { name, outcome: "failed", detail: problem };
}

/** One part of the interop run. */
export interface Part {
  readonly name: string;
  readonly run: () => Promise<CheckResult[]>;
}
