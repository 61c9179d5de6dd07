import path from "node:path";
import type { Finding, SourceFile } from "./repository.ts";

const WORKER = /^packages\/proxy\/src\/worker\/.*(?<!\.test)\.ts$/;
const FORBIDDEN = /^(packages\/api\/|@bufbuild\/|yaml$)/;
const VALUE_IMPORT = /^(?:import|export) (?!type\b)(?:[^;"]*? from )?"([^"]+)"/gm;

/**
 * A worker is handed plain data; one that loads messages or YAML costs memory and start-up time. Follows the imports
 * that are there at run time: those of types are erased.
 */
export function workerImportFindings(files: readonly SourceFile[]): Finding[] {
  const byPath = new Map(files.map((file) => [file.path, file.text]));
  const findings: Finding[] = [];
  const seen = new Set<string>();
  const queue = files.filter((file) => WORKER.test(file.path)).map((file): string[] => [file.path]);
  for (let chain = queue.shift(); chain !== undefined; chain = queue.shift()) {
    const at = chain.at(-1)!;
    if (seen.has(at)) continue;
    seen.add(at);
    for (const [, specifier] of (byPath.get(at) ?? "").matchAll(VALUE_IMPORT)) {
      const target = resolve(at, specifier!);
      const longer = [...chain, target];
      if (!FORBIDDEN.test(target)) queue.push(longer);
      else
        findings.push({
          rule: "worker-imports",
          path: chain[0]!,
          line: 0,
          message: longer.join(" -> "),
        });
    }
  }
  return findings;
}

function resolve(from: string, specifier: string): string {
  if (specifier.startsWith(".")) return path.posix.join(path.posix.dirname(from), specifier);
  return specifier.replace(/^@nuncio\/(\w+)$/, "packages/$1/src/index.ts");
}
