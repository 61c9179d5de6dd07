import { eachLine } from "./repository.ts";
import type { Finding, SourceFile } from "./repository.ts";

/**
 * Places where a rule of the linter is off, as `path rule`, with the number of them. The list may only shrink: a
 * suppression that is not here is an error, and so is an entry that has become too high.
 */
export const SUPPRESSIONS: { readonly [place: string]: number } = {
  "packages/api/src/load/any.ts typescript/no-unnecessary-type-parameters": 1,
  "packages/api/src/validate/rule-set.ts typescript/no-unnecessary-type-parameters": 1,
  "tools/closing-line.mjs import/no-default-export": 1,
};

const DIRECTIVE = /\/[/*]\s*(?:oxlint|eslint)-disable(?:-next-line|-line)?\s+([^*]*)/;

/** Compares the suppressions in `files` with the list. */
export function suppressionFindings(
  files: readonly SourceFile[],
  allowed: { readonly [place: string]: number },
): Finding[] {
  const findings: Finding[] = [];
  const seen = new Map<string, number>();
  for (const file of files) {
    if (!/\.(ts|mjs)$/.test(file.path)) continue;
    eachLine(file, (line, number) => {
      const directive = DIRECTIVE.exec(line)?.[1];
      if (directive === undefined) return;
      const [rules = "", reason] = directive.split("--");
      if (reason === undefined) {
        findings.push({
          rule: "suppression",
          path: file.path,
          line: number,
          message: "expected -- and a reason",
        });
      }
      for (const rule of rules.split(",")) {
        const place = `${file.path} ${rule.trim()}`;
        const count = (seen.get(place) ?? 0) + 1;
        seen.set(place, count);
        if (count <= (allowed[place] ?? 0)) continue;
        findings.push({
          rule: "suppression",
          path: file.path,
          line: number,
          message: `${rule.trim()} is switched off`,
        });
      }
    });
  }
  for (const [place, count] of Object.entries(allowed)) {
    const left = seen.get(place) ?? 0;
    if (left >= count) continue;
    const message = `the list of tools/tidy/suppressions.ts has ${count}, and ${left} are left: take it down`;
    findings.push({ rule: "suppression", path: place.split(" ")[0]!, line: 0, message });
  }
  return findings;
}
