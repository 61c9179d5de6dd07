import { checkResult, missingCheck, type CheckResult } from "../../check.ts";
import { findCounterpart } from "../../harness/counterparts.ts";
import { renderOracle } from "./report.ts";
import { runOracle } from "./run-oracle.ts";

/** As many as go through in about a minute, always the same ones. */
const SEED = 20_261_122;
const DOCUMENTS = 72;
const SECONDS = 90;

/** Documents by chance, translated by us and by the original: the same status, the same routes. */
export async function checkOracle(): Promise<CheckResult[]> {
  for (const counterpart of ["egctl", "openssl"] as const)
    if (findCounterpart(counterpart) === null)
      return [missingCheck("gateway: documents against the original", counterpart)];
  const result = await runOracle({
    seed: SEED,
    documents: DOCUMENTS,
    seconds: SECONDS,
    shrinkTries: 0,
  });
  const { disagreements } = result;
  return [
    checkResult(
      "gateway: documents against the original",
      disagreements.length === 0 ? null : renderOracle(result),
    ),
  ];
}
