import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runToEnd } from "../harness/child-process.ts";
import { proxyCommand, type ProxyKind } from "../harness/proxy-process.ts";
import { configText, placeCases } from "./batch.ts";
import { caseId } from "./case-config.ts";
import type { DiffCase } from "./case.ts";

const VALIDATE_WITHIN_MS = 20_000;
const AT_ONCE = 2;

/** Case name, which side refuses its configuration, and what it says. */
export type Refusal = readonly [name: string, side: "left" | "right", why: string];

/** Validates each case's configuration on its own, to find those that keep a whole batch from starting. */
export async function refusedCases(
  cases: readonly DiffCase[],
  sides: { readonly left: ProxyKind; readonly right: ProxyKind },
): Promise<Refusal[]> {
  const folder = mkdtempSync(join(tmpdir(), "refused-"));
  const refusals: Refusal[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < cases.length) {
      const diffCase = cases[next++]!;
      const places = await placeCases([diffCase], folder);
      const file = join(folder, `${caseId(diffCase)}.yaml`);
      writeFileSync(file, configText([diffCase], places, 9_901));
      for (const side of ["left", "right"] as const) {
        const command = [...proxyCommand(sides[side]), "--mode", "validate", "-c", file];
        const { code, output } = await runToEnd(command, VALIDATE_WITHIN_MS);
        if (code !== 0) refusals.push([diffCase.name, side, `no: ${lastLines(output)}`]);
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
  } finally {
    rmSync(folder, { recursive: true });
  }
  return refusals;
}

function lastLines(output: string): string {
  return output.trim().split("\n").slice(-8).join("\n");
}
