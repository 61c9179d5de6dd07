import { join } from "node:path";
import { parseArgs } from "node:util";
import type { ProxyKind } from "../harness/proxy-process.ts";
import { facetsOf } from "./compare-batch.ts";
import { Explanations, loadExplanations } from "./explanations.ts";
import { loadCases } from "./load-cases.ts";
import { renderReport } from "./report.ts";
import { CASES_FOLDER, inBatches, runDiff } from "./run-diff.ts";
import { verdictsOf } from "./verdict.ts";

/** Envoy gives its reason after the whole configuration. */
const SHOWN_CHARS_MAX = 400;

const USAGE = `usage: diff [--only TEXT] [--left PROXY] [--right PROXY] [--show] [--list]
  --only TEXT     cases whose name contains TEXT
  --left, --right envoy, nuncio or toy; default envoy and nuncio
  --show          print what the left proxy does, compare nothing
  --list          print the names of the cases`;

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    left: { type: "string", default: "envoy" },
    right: { type: "string", default: "nuncio" },
    show: { type: "boolean", default: false },
    list: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
const left = values.left as ProxyKind;
const right = values.right as ProxyKind;
const cases = loadCases(CASES_FOLDER).filter(({ name }) => name.includes(values.only ?? ""));

if (values.help) console.log(USAGE);
else if (values.list) console.log(cases.map(({ name }) => name).join("\n"));
else if (values.show) await show();
else await diff();

async function diff(): Promise<void> {
  // Explanations are about Nuncio; against itself Envoy has no excuse.
  const file = join(import.meta.dirname, "explained.yaml");
  const explanations = right === "nuncio" ? loadExplanations(file) : new Explanations([]);
  const startMs = performance.now();
  const results = await runDiff(cases, {
    left,
    right,
    explanations,
    onProgress: (done, total) => console.log(`${done} of ${total} cases`),
  });
  const unused = values.only === undefined ? explanations.unused() : [];
  console.log(renderReport(results, unused, { left, right }));
  const failed = results.filter(({ unexplained }) => unexplained.length > 0).length + unused.length;
  console.log(`took ${((performance.now() - startMs) / 1000).toFixed(0)} s`);
  console.log(`${results.length + unused.length - failed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

async function show(): Promise<void> {
  const validated = cases.filter(({ validate }) => validate === true);
  const [verdicts] = await verdictsOf([left], validated);
  for (const [index, { verdict, output }] of verdicts!.entries()) {
    console.log(`\n${validated[index]!.name}\n  ${verdict}: ${output.slice(-SHOWN_CHARS_MAX)}`);
  }
  const run = cases.filter(({ validate }) => validate !== true);
  if (run.length === 0) return;
  for (const batch of inBatches(run)) {
    const result = await facetsOf(left, batch.cases);
    for (const [index, { name }] of batch.cases.entries()) {
      console.log(`\n${name}`);
      for (const [at, value] of result.cases[index]!) console.log(`  ${at}: ${value}`);
    }
  }
}
