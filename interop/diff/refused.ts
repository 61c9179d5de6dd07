import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ProxyKind } from "../harness/proxy-process.ts";
import { makeTempFolder, removeTempFolder } from "../harness/temp-folder.ts";
import { configText, placeCases } from "./batch.ts";
import { caseId } from "./case-config.ts";
import type { DiffCase } from "./case.ts";
import { validate } from "./verdict.ts";

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
      const left = await validated(sides.left, file);
      const right = await validated(sides.right, file);
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

async function validated(kind: ProxyKind, file: string): Promise<string> {
  const { verdict, output } = await validate(kind, file);
  if (verdict === "accepts") return "yes";
  if (output.length <= 2 * REASON_CHARS_MAX) return `no: ${output}`;
  // Nuncio says why at the beginning, Envoy after the whole configuration.
  return `no: ${output.slice(0, REASON_CHARS_MAX)} … ${output.slice(-REASON_CHARS_MAX)}`;
}
