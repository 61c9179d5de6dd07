/**
 * Fuzzes one target, or each in turn, for a number of runs, and prints what was found.
 *
 *   node interop/fuzz/main.ts --target http2-server --runs 100000 --seed 7
 *   node interop/fuzz/main.ts --target http2-server --input 50524920 # one input again, in hexadecimal digits
 */
import { parseArgs } from "node:util";
import { Coverage } from "./coverage.ts";
import { fuzz } from "./engine.ts";
import type { FuzzTarget } from "./target.ts";
import { FUZZ_TARGETS } from "./targets.ts";

const { values } = parseArgs({
  options: {
    target: { type: "string" },
    runs: { type: "string", default: "20000" },
    seed: { type: "string", default: "1" },
    input: { type: "string" },
  },
});
const targets = FUZZ_TARGETS.filter(({ name }) => (values.target ?? name) === name);
const names = FUZZ_TARGETS.map(({ name }) => name).join(", ");
if (targets.length === 0) {
  console.error(`no target is called ${values.target}; there are ${names}`);
  process.exitCode = 2;
} else if (values.input === undefined) {
  for (const target of targets) if (!fuzzTarget(target)) process.exitCode = 1;
} else {
  for (const target of targets) target.run(Buffer.from(values.input, "hex"));
}

/** Says whether nothing was found. */
function fuzzTarget(target: FuzzTarget): boolean {
  const coverage = new Coverage(target.covers);
  const startMs = performance.now();
  const { runs, corpus, failures } = fuzz(target, coverage, {
    runs: Number(values.runs),
    seed: Number(values.seed),
  });
  const seconds = (performance.now() - startMs) / 1000;
  const { blocks } = coverage;
  coverage.close();
  console.log(
    `${target.name}: ${runs} runs with seed ${values.seed} in ${seconds.toFixed(0)} s, ` +
      `${corpus.length} inputs kept, ${blocks} kinds of behaviour, ${failures.length} failures`,
  );
  for (const { stack, input, run } of failures) {
    console.log(`  run ${run}: --target ${target.name} --input ${input.toString("hex")}`);
    console.log(`  ${JSON.stringify(input.toString("latin1"))}\n${stack}`);
  }
  return failures.length === 0;
}
