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

/** Runs one check; what it throws is its problem. */
export async function attempt(name: string, run: () => void | Promise<void>): Promise<CheckResult> {
  try {
    await run();
    return checkResult(name, null);
  } catch (error) {
    return checkResult(name, error instanceof Error ? error.message : String(error));
  }
}

/** A check whose counterpart is missing: a failure in CI, and skipped elsewhere. */
export function missingCheck(name: string, what: string): CheckResult {
  const isCi = (process.env["CI"] ?? "") !== "";
  return { name, outcome: isCi ? "failed" : "skipped", detail: `${what} is missing` };
}

/** One part of the interop run. */
export interface Part {
  readonly name: string;
  readonly run: () => Promise<CheckResult[]>;
}
