/** One line of a table of coverage.md. */
export interface CoverageRow {
  /** The heading above its table. */
  readonly table: string;
  /** In the file, from 1. */
  readonly line: number;
  readonly what: string;
  /** Names of cases, as `group/case`. */
  readonly cases: readonly string[];
  /** Unit tests, by their path in the repository. */
  readonly tests: readonly string[];
  /** What the row waits for: `with TLS` and its like. */
  readonly needs: readonly string[];
}

/** What a row may wait for. Anything else has to be shown by a case. */
const NEEDS: ReadonlySet<string> = new Set([
  "with HTTP/3",
  "with a gRPC client",
  "with PROXY protocol",
  "with METADATA frames",
  "with what OpenSSL in Node.js lacks",
  "with certificate providers",
  "with PKCS #12",
  "with more of SPIFFE",
  "with filters of clusters",
  "with header validators",
  "with outlier detection",
  "which Envoy does not heed",
  "with clusters that are chosen anew",
  "with health checks",
  "with an xDS server",
  "with tracing",
  "with Lua",
  "with dynamic forward proxy",
  "with the buffer filter",
  "with the local rate limit filter",
  "with the rate limit filter",
  "with those filters",
  "with filters that set it",
  "with watched files",
  "with extensions that read it",
]);

/**
 * Reads the tables of coverage.md: rows of two cells, what it is about and what shows it. In the second cell names
 * are in backticks, needs are not; commas stand between.
 */
export function parseCoverage(text: string): CoverageRow[] {
  const rows: CoverageRow[] = [];
  let table = "";
  for (const [index, line] of text.split("\n").entries()) {
    if (line.startsWith("## ")) table = line.slice(3);
    const cells = /^\| (?<what>.*?) +\| (?<shown>.*?) *\|$/.exec(line)?.groups;
    if (cells === undefined || /^-+$/.test(cells["what"]!) || cells["shown"] === "shown by")
      continue;
    const { what, shown } = cells as { what: string; shown: string };
    const names = [...shown.matchAll(/`([^`]+)`/g)].map(([, name]) => name!);
    rows.push({
      table,
      line: index + 1,
      what,
      cases: names.filter((name) => !isTest(name)),
      tests: names.filter(isTest),
      needs: shown
        .replaceAll(/`[^`]+`/g, "")
        .split(",")
        .map((need) => need.trim())
        .filter((need) => need !== ""),
    });
  }
  return rows;
}

function isTest(name: string): boolean {
  return name.startsWith("packages/") && name.endsWith(".test.ts");
}

/** What is wrong with the rows, a line each; `hasTest` says whether a unit test is there. */
export function coverageProblems(
  rows: readonly CoverageRow[],
  caseNames: ReadonlySet<string>,
  hasTest: (path: string) => boolean,
): string[] {
  return rows.flatMap(({ line, what, cases, tests, needs }) => {
    const place = `coverage.md:${line} ${what}`;
    const problems = [
      ...cases.filter((name) => !caseNames.has(name)).map((name) => `there is no case ${name}`),
      ...tests.filter((path) => !hasTest(path)).map((path) => `there is no test ${path}`),
      ...needs.filter((need) => !NEEDS.has(need)).map((need) => `"${need}" is no known need`),
    ];
    if (cases.length + tests.length + needs.length === 0)
      problems.push("expected a case, a test or a need");
    return problems.map((problem) => `${place}: ${problem}`);
  });
}
