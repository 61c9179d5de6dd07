import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { inLanes } from "../harness/in-lanes.ts";
import type { ProxyKind } from "../harness/proxy-process.ts";
import { makeTempFolder, removeTempFolder } from "../harness/temp-folder.ts";
import { configText, placeCases } from "./batch.ts";
import { caseId } from "./case-config.ts";
import type { DiffCase } from "./case.ts";
import { Validator } from "./validate.ts";

/** What a proxy says about one configuration with `--mode validate`. */
export interface Verdict {
  /** `accepts`, `refuses`, or what is wrong with a refusal of Nuncio. */
  readonly verdict: string;
  /** Without time stamps and file names. */
  readonly output: string;
}

/** Asks proxies for their verdicts on each case's configuration, each on its own; the proxies' verdicts in order. */
export async function verdictsOf(
  kinds: readonly ProxyKind[],
  cases: readonly DiffCase[],
): Promise<readonly (readonly Verdict[])[]> {
  const folder = makeTempFolder("verdict");
  const validators = kinds.map((kind) => new Validator(kind));
  try {
    const files = await inLanes(cases, 1, async (diffCase) => {
      const places = await placeCases([diffCase], folder);
      const file = join(folder, `${caseId(diffCase)}.yaml`);
      writeFileSync(file, configText([diffCase], places, 9_901));
      return file;
    });
    return await inLanes(kinds, kinds.length, (kind, index) =>
      inLanes(files, 1, async (file) => {
        const { code, output } = await validators[index]!.validate(file);
        const text = output
          .trim()
          .replaceAll(/^(?:\[[^\]]*\])+ ?/gm, "")
          .replaceAll(file, "config");
        return { verdict: verdict(kind, code, text), output: text };
      }),
    );
  } finally {
    for (const validator of validators) validator.close();
    removeTempFolder(folder);
  }
}

/** Nuncio must say where, and must not get away with lacking what Envoy only finds a fault in. */
function verdict(kind: ProxyKind, code: number, text: string): string {
  if (code === 0) return "accepts";
  if (kind === "envoy") return "refuses";
  if (text.includes("not implemented")) return "refuses what is not implemented";
  return /^config:\d+:\d+ /m.test(text) ? "refuses" : "refuses without a place";
}
