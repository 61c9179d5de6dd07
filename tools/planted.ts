import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { CODE_FOLDERS, runStep } from "./check-steps.ts";
import type { CheckStep } from "./check-steps.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Where the tools look for what they are told. */
const CONFIGURATION = [
  "package.json",
  "tsconfig.json",
  "knip.json",
  ".oxlintrc.json",
  ".oxfmtrc.json",
  ".dependency-cruiser.mjs",
];

/**
 * Runs a step of the check on a folder of planted violations, in a copy that has the repository's own configuration and
 * lies outside of it, so that rules for certain folders apply. Resolves to what the tool printed.
 *
 * @throws when the tool found nothing
 */
export async function outputOnPlanted(step: CheckStep, fixture: string): Promise<string> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "nuncio-planted-"));
  try {
    for (const name of CONFIGURATION) cpSync(path.join(root, name), path.join(folder, name));
    for (const name of CODE_FOLDERS) mkdirSync(path.join(folder, name));
    cpSync(path.join(root, "tools/fixtures", fixture), folder, { recursive: true });
    symlinkSync(path.join(root, "node_modules"), path.join(folder, "node_modules"));
    const { ok, output } = await runStep(step, folder);
    if (ok)
      throw new Error(`expected ${step.name} to fail on tools/fixtures/${fixture}, got\n${output}`);
    return output;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
