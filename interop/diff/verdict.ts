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

/** What a proxy says about one configuration with `--mode validate`. */
export interface Verdict {
  /** `accepts`, `refuses`, or what is wrong with a refusal of Nuncio. */
  readonly verdict: string;
  /** Without time stamps and file names. */
  readonly output: string;
}

/** Asks a proxy for its verdict on each case's configuration, each on its own; in order. */
export async function verdictsOf(
  kind: ProxyKind,
  cases: readonly DiffCase[],
): Promise<readonly Verdict[]> {
  const folder = makeTempFolder("verdict");
  const verdicts: Verdict[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < cases.length) {
      const index = next++;
      const diffCase = cases[index]!;
      const places = await placeCases([diffCase], folder);
      const file = join(folder, `${caseId(diffCase)}.yaml`);
      writeFileSync(file, configText([diffCase], places, 9_901));
      verdicts[index] = await validate(kind, file);
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
  } finally {
    removeTempFolder(folder);
  }
  return verdicts;
}

/** One configuration file's verdict. */
export async function validate(kind: ProxyKind, file: string): Promise<Verdict> {
  const command = [...proxyCommand(kind), "--mode", "validate", "-c", file, "-l", "critical"];
  const { code, output } = await runToEnd(command, VALIDATE_WITHIN_MS);
  const text = output
    .trim()
    .replaceAll(/^(?:\[[^\]]*\])+ ?/gm, "")
    .replaceAll(file, "config");
  return { verdict: verdict(kind, code, text), output: text };
}

/** Nuncio must say where, and must not get away with lacking what Envoy only finds a fault in. */
function verdict(kind: ProxyKind, code: number | null, text: string): string {
  if (code === 0) return "accepts";
  if (kind === "envoy") return "refuses";
  if (text.includes("not implemented")) return "refuses what is not implemented";
  return /^config:\d+:\d+ /m.test(text) ? "refuses" : "refuses without a place";
}
