import { parseArgs } from "node:util";
import { renderExplanations, renderOracle } from "./report.ts";
import { runOracle } from "./run-oracle.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: String(Math.floor(Math.random() * 1_000_000)) },
    documents: { type: "string", default: "1000000" },
    seconds: { type: "string", default: "60" },
    "shrink-tries": { type: "string", default: "60" },
    mutations: { type: "string", default: "0" },
    explanations: { type: "boolean", default: false },
  },
});

const result = await runOracle({
  seed: Number(values.seed),
  documents: Number(values.documents),
  mutations: Number(values.mutations),
  seconds: Number(values.seconds),
  shrinkTries: Number(values["shrink-tries"]),
});
console.log(renderOracle(result));
if (values.explanations) console.log(renderExplanations(result));
process.exitCode = result.disagreements.length === 0 ? 0 : 1;
