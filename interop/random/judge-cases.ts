import type { DiffCase } from "../diff/case.ts";
import { judge, runPair, type CaseResult, type Comparison } from "../diff/compare-batch.ts";
import { compare, type Difference } from "../diff/compare.ts";
import { refusalsOf, type Refusals } from "./verdict-batch.ts";

/** What came of one random case. */
export interface Judgement {
  readonly diffCase: DiffCase;
  /** `compared`, `refused` by both, or `not implemented`: Nuncio says that it cannot do this yet. */
  readonly outcome: "compared" | "refused" | "not implemented";
  readonly result: CaseResult;
}

/**
 * Holds the verdicts of both proxies on each configuration against each other, then what they do with the requests to
 * those that both accept. In the order of `cases`.
 */
export async function judgeCases(
  cases: readonly DiffCase[],
  comparison: Comparison,
): Promise<Judgement[]> {
  const refusals = await refusalsOf(cases);
  const accepted = cases.filter(
    (_, index) => refusals[index]!.envoy === null && refusals[index]!.nuncio === null,
  );
  const differences = await differencesOf(accepted, comparison);
  return cases.map((diffCase, index) => {
    const { envoy, nuncio } = refusals[index]!;
    const found = differences.get(diffCase) ?? verdictDifferences(refusals[index]!);
    return {
      diffCase,
      outcome: envoy === null && nuncio === null ? "compared" : outcomeOf(refusals[index]!),
      result: judge(diffCase.name, found, comparison),
    };
  });
}

function outcomeOf({ envoy, nuncio }: Refusals): "refused" | "not implemented" {
  return envoy === null && isMissing(nuncio) ? "not implemented" : "refused";
}

function isMissing(reason: string | null): boolean {
  return reason !== null && reason.split("\n").every((line) => line.includes("not implemented"));
}

/** None when both refuse, or when Nuncio lacks something and says so. */
function verdictDifferences(refusals: Refusals): Difference[] {
  const { envoy, nuncio } = refusals;
  if ((envoy === null) === (nuncio === null) || outcomeOf(refusals) === "not implemented")
    return [];
  const verdict = (reason: string | null): string => (reason === null ? "accepts" : "refuses");
  return [
    { at: "verdict", left: verdict(envoy), right: verdict(nuncio) },
    { at: "verdict in words", left: envoy ?? "accepts", right: nuncio ?? "accepts" },
  ];
}

/** A case that ends a process must not cost the others their comparison: the batch is halved until it is alone. */
async function differencesOf(
  cases: readonly DiffCase[],
  comparison: Comparison,
): Promise<Map<DiffCase, Difference[]>> {
  if (cases.length === 0) return new Map();
  try {
    const [left, right] = await runPair(cases, comparison, cases.length);
    return new Map(
      cases.map((diffCase, index) => [diffCase, compare(left.cases[index]!, right.cases[index]!)]),
    );
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    if (cases.length === 1)
      return new Map([[cases[0]!, [{ at: "runs", left: "yes", right: text }]]]);
    const middle = cases.length >> 1;
    return new Map([
      ...(await differencesOf(cases.slice(0, middle), comparison)),
      ...(await differencesOf(cases.slice(middle), comparison)),
    ]);
  }
}
