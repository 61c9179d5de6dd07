import type { Finding, SourceFile } from "./repository.ts";

const EXPORT = /^export (?:async |abstract )*(?:function\*?|class) (\w+)/;

/** Every exported function and class of a package says what it is. Overloads share one docstring. */
export function docstringFindings(files: readonly SourceFile[]): Finding[] {
  const findings: Finding[] = [];
  for (const file of files) {
    if (
      !/^packages\/[^/]+\/(src|bin)\/.*\.(ts|mjs)$/.test(file.path) ||
      file.path.endsWith(".test.ts")
    )
      continue;
    const documented = new Set<string>();
    let before = "";
    file.text.split("\n").forEach((line, index) => {
      const name = EXPORT.exec(line)?.[1];
      if (name !== undefined && before.endsWith("*/")) documented.add(name);
      if (name !== undefined && !documented.has(name)) {
        const message = `expected a docstring above ${name}, found none`;
        findings.push({ rule: "docstring", path: file.path, line: index + 1, message });
      }
      before = line.trimEnd();
    });
  }
  return findings;
}
