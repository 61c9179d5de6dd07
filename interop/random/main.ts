import { parseArgs } from "node:util";
import { renderRandomReport } from "./report.ts";
import { randomSeed, RANDOM_SECONDS, envoyAndNuncio, runRandom } from "./run-random.ts";

const USAGE = `usage: random [--seconds N] [--seed N] [--batches N] [--shrink-seconds N]
  --seconds N         how long to look for differences; default ${RANDOM_SECONDS}
  --seed N            of the first batch; each further one has the next number; default: by chance
  --batches N         at most so many batches
  --shrink-seconds N  how long to make what was found smaller; default ${RANDOM_SECONDS}`;

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: String(RANDOM_SECONDS) },
    "shrink-seconds": { type: "string", default: String(RANDOM_SECONDS) },
    seed: { type: "string" },
    batches: { type: "string", default: String(Infinity) },
    help: { type: "boolean", default: false },
  },
});
if (values.help) console.log(USAGE);
else await main();

async function main(): Promise<void> {
  const seed = values.seed === undefined ? randomSeed() : Number(values.seed);
  console.log(`seed ${seed}`);
  const result = await runRandom({
    ...envoyAndNuncio(),
    seed,
    seconds: Number(values.seconds),
    shrinkSeconds: Number(values["shrink-seconds"]),
    batches: Number(values.batches),
    onProgress: (text) => console.log(text),
  });
  console.log(renderRandomReport(result));
  process.exitCode = result.found.some(({ confirmed }) => confirmed) ? 1 : 0;
}
