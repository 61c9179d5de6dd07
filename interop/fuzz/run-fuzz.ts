import { join } from "node:path";
import { checkResult, type CheckResult } from "../check.ts";
import { runToEnd } from "../harness/child-process.ts";
import { REPOSITORY } from "../harness/repository.ts";
import { FUZZ_TARGETS } from "./targets.ts";

/** A target that does not come back hangs: the run itself is bounded by its inputs. */
const TARGET_WITHIN_MS = 300_000;
/** So that the same change gets the same verdict everywhere. By hand any other one is as good. */
const SEED = "20261";
const OUTPUT_LENGTH_MAX = 4000;

/** A bounded run of each target, in a process of its own. */
export async function runFuzz(): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const { name, runs } of FUZZ_TARGETS) {
    const script = join(REPOSITORY, "interop", "fuzz", "main.ts");
    const options = ["--target", name, "--runs", String(runs), "--seed", SEED];
    const command = [process.execPath, script, ...options];
    const { code, output } = await runToEnd(command, TARGET_WITHIN_MS, { cwd: REPOSITORY });
    if (code === 0) console.log(`  ${output.trim()}`);
    const problem = code === 0 ? null : output.slice(0, OUTPUT_LENGTH_MAX);
    results.push(checkResult(`fuzz ${name}`, problem));
  }
  return results;
}
