import { checkResult, missingCheck, type CheckResult } from "../../check.ts";
import { findCounterpart } from "../../harness/counterparts.ts";
import { renderOracle } from "./report.ts";
import { runOracle, type OracleResult } from "./run-oracle.ts";

/** Always the same ones, however long a machine takes; about a minute. */
const SEED = 20_261_122;
const DOCUMENTS = 72;
/** Documents with mistakes; those that are refused go one by one. */
const MISTAKEN_DOCUMENTS = 12;
const MISTAKES = 2;

/** Documents by chance, translated by us and by the original: the same status, the same routes. */
export async function checkOracle(): Promise<CheckResult[]> {
  for (const counterpart of ["gateway-translator", "openssl"] as const)
    if (findCounterpart(counterpart) === null)
      return [missingCheck("gateway: documents against the original", counterpart)];
  const common = { seed: SEED, seconds: Infinity, shrinkTries: 0 };
  const right = await runOracle({ ...common, documents: DOCUMENTS });
  const mistaken = await runOracle({
    ...common,
    documents: MISTAKEN_DOCUMENTS,
    mutations: MISTAKES,
  });
  return [
    checked("gateway: documents against the original", right),
    checked("gateway: documents with mistakes against the original", mistaken),
  ];
}

function checked(name: string, result: OracleResult): CheckResult {
  return checkResult(name, result.disagreements.length === 0 ? null : renderOracle(result));
}
