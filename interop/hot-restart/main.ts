// node interop/hot-restart/main.ts [--restarts N]: the part `hot-restart` alone.
import { parseArgs } from "node:util";
import { runHotRestart } from "./run-hot-restart.ts";

const { values } = parseArgs({ options: { restarts: { type: "string", default: "20" } } });
const results = await runHotRestart(Number(values.restarts));
for (const { name, outcome, detail } of results)
  console.log(`${outcome}: ${name}${detail === "" ? "" : `: ${detail}`}`);
process.exitCode = results.every(({ outcome }) => outcome === "passed") ? 0 : 1;
