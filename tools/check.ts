// npm run check: every tool that keeps the house in order, with or without names of steps.
import { fileURLToPath } from "node:url";
import { CHECK_STEPS, runStep } from "./check-steps.ts";
import type { CheckStep } from "./check-steps.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const all: readonly CheckStep[] = Object.values(CHECK_STEPS);
const names = process.argv.slice(2);
const steps = names.length === 0 ? all : all.filter(({ name }) => names.includes(name));

if (names.length !== steps.length && names.length > 0) {
  console.error(
    `expected steps out of ${all.map(({ name }) => name).join(", ")}, got ${names.join(" ")}`,
  );
  process.exit(1);
}

let failed = 0;
for (const step of steps) {
  const { ok, output, seconds } = await runStep(step, root);
  if (!ok) {
    failed++;
    console.log(output.trimEnd());
  }
  console.log(
    `${ok ? "ok    " : "FAILED"} ${step.name.padEnd(16)}${seconds.toFixed(1).padStart(5)} s  ${step.purpose}`,
  );
}
console.log(`\n${steps.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
