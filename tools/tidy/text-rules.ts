import { eachLine } from "./repository.ts";
import type { Finding, SourceFile } from "./repository.ts";

const CODE = /\.(ts|mjs)$/;
const TEST = /\.test\.ts$/;
const VAGUE_NAME = /(^|\/)(utils?|helpers?|common|misc|shared-code)(\.[^/]*|\/.*)?$/;

interface LineRule {
  readonly rule: string;
  readonly files: RegExp;
  readonly pattern: RegExp;
  readonly message: string;
}

/** A line may carry the pattern nowhere; this file and the lock file have reasons of their own. */
const LINE_RULES: readonly LineRule[] = [
  {
    rule: "only",
    files: TEST,
    pattern: /\b(test|it|describe|suite)\.only\(|\bonly:\s*true/,
    message: "the other tests of the run are left out",
  },
  {
    rule: "skip",
    files: TEST,
    pattern: /\b(test|it|describe|suite)\.(skip|todo)\(|\b(skip|todo):\s*true/,
    message: 'a skipped test says by name what is missing: skip: "reason"',
  },
  {
    rule: "stub",
    files: CODE,
    pattern: /(\/\/|\/?\*).*\b(TODO|FIXME|XXX|HACK)\b/,
    message: "do it, or write an issue",
  },
  {
    rule: "type-check-off",
    files: CODE,
    pattern: /@ts-(ignore|nocheck|expect-error)/,
    message: "say the type",
  },
  {
    rule: "machine-path",
    files: /./,
    pattern: /(^|[\s"'`(=])\/(home|root|Users|work)\/\w/,
    message: "a path of one machine",
  },
  {
    rule: "registry-host",
    files: /(^|\/)(package(-lock)?\.json|\.npmrc)$/,
    pattern: /"resolved": "http|registry\s*=/,
    message: "packages come from the registry of whoever installs",
  },
  {
    rule: "line-end",
    files: /./,
    pattern: /[ \t\r]$/,
    message: "white space at the end of the line",
  },
];

const EXEMPT: ReadonlySet<string> = new Set([
  "tools/tidy/text-rules.ts",
  "tools/tidy/tidy.test.ts",
]);

/** Rules that look at names and at single lines. */
export function textFindings(files: readonly SourceFile[]): Finding[] {
  const findings: Finding[] = [];
  for (const file of files) {
    if (VAGUE_NAME.test(file.path)) {
      findings.push({
        rule: "vague-name",
        path: file.path,
        line: 0,
        message: "name it for what it does",
      });
    }
    if (EXEMPT.has(file.path)) continue;
    const rules = LINE_RULES.filter((rule) => rule.files.test(file.path));
    eachLine(file, (line, number) => {
      for (const { rule, pattern, message } of rules) {
        if (pattern.test(line)) findings.push({ rule, path: file.path, line: number, message });
      }
    });
  }
  return findings;
}
