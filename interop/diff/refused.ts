import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { runToEnd } from "../harness/child-process.ts";
import { proxyCommand, type ProxyKind } from "../harness/proxy-process.ts";
import { makeTempFolder, removeTempFolder } from "../harness/temp-folder.ts";
import { configText, placeCases } from "./batch.ts";
import { caseId } from "./case-config.ts";
import type { DiffCase } from "./case.ts";

const VALIDATE_WITHIN_MS = 20_000;
const AT_ONCE = 2;
const REASON_CHARS_MAX = 300;

/** A case whose configuration at least one side refuses; what each says, or `yes`. */
export interface Refusal {
  readonly name: string;
  readonly left: string;
  readonly right: string;
}

/** Validates each case's configuration on its own, to find those that keep a whole batch from starting. */
export async function refusedCases(
  cases: readonly DiffCase[],
  sides: { readonly left: ProxyKind; readonly right: ProxyKind },
): Promise<Refusal[]> {
  const folder = makeTempFolder("refused");
  const refusals: Refusal[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < cases.length) {
      const diffCase = cases[next++]!;
      const places = await placeCases([diffCase], folder);
      const file = join(folder, `${caseId(diffCase)}.yaml`);
      writeFileSync(file, configText([diffCase], places, 9_901));
      const left = await validate(sides.left, file);
      const right = await validate(sides.right, file);
      if (left !== "yes" || right !== "yes") refusals.push({ name: diffCase.name, left, right });
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
  } finally {
    removeTempFolder(folder);
  }
  return refusals;
}

async function validate(kind: ProxyKind, file: string): Promise<string> {
  const command = [...proxyCommand(kind), "--mode", "validate", "-c", file, "-l", "critical"];
  const { code, output } = await runToEnd(command, VALIDATE_WITHIN_MS);
  if (code === 0) return "yes";
  const text = output
    .trim()
    .replaceAll(/^(?:\[[^\]]*\])+ ?/gm, "")
    .replaceAll(file, "config");
  if (text.length <= 2 * REASON_CHARS_MAX) return `no: ${text}`;
  // Nuncio says why at the beginning, Envoy after the whole configuration.
  return `no: ${text.slice(0, REASON_CHARS_MAX)} … ${text.slice(-REASON_CHARS_MAX)}`;
}
