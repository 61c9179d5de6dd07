import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";

/** One tool of `npm run check`, run by the Node that runs the check. */
export interface CheckStep {
  readonly name: string;
  /** What it looks after, for the list in CONTRIBUTING. */
  readonly purpose: string;
  /** Arguments of node; the first is the tool's script. */
  readonly args: readonly string[];
}

/** How a step ended. */
export interface StepResult {
  readonly ok: boolean;
  readonly output: string;
  readonly seconds: number;
}

/** The script of an installed tool. The shell wrappers of node_modules/.bin would take whatever node is on the path. */
function tool(name: string, script: string): string {
  return fileURLToPath(new URL(`../node_modules/${name}/${script}`, import.meta.url));
}

/** Where code is. Named, because a linter that is named nothing may walk into linked folders. */
export const CODE_FOLDERS: readonly string[] = ["packages", "bin", "bench", "interop", "tools"];

const STEP_TIMEOUT_MS = 120_000;

/** The steps by name: `rules.test.ts` proves for each that it finds what it should. */
export const CHECK_STEPS = {
  format: {
    name: "format",
    purpose: "layout of TypeScript, JSON, YAML and Markdown",
    args: [tool("oxfmt", "bin/oxfmt"), "--check"],
  },
  types: {
    name: "types",
    purpose: "TypeScript, strict and erasable",
    args: [tool("typescript", "bin/tsc"), "-p", "tsconfig.json"],
  },
  lint: {
    name: "lint",
    purpose: "mistakes, size and complexity, what the path of a request must not use",
    args: [tool("oxlint", "bin/oxlint"), "-f", "unix", ...CODE_FOLDERS],
  },
  imports: {
    name: "imports",
    purpose: "import direction, no cycles, declared dependencies",
    args: [
      tool("dependency-cruiser", "bin/dependency-cruiser.mjs"),
      "--config",
      ".dependency-cruiser.mjs",
      ...CODE_FOLDERS,
    ],
  },
  "dead-code": {
    name: "dead-code",
    purpose:
      "files, exports and dependencies that nothing uses; dependencies that nothing declares",
    args: [tool("knip", "bin/knip.js"), "--no-progress"],
  },
  tidy: {
    name: "tidy",
    purpose: "what no other tool covers, and that each tool finds a planted violation",
    args: ["--test", "--test-reporter=dot", "tools/{*,*/*}.test.ts"],
  },
} satisfies { readonly [name: string]: CheckStep };

/** Runs one step in `folder`. A tool that ends with anything but 0 has found something. */
export async function runStep(step: CheckStep, folder: string): Promise<StepResult> {
  const start = performance.now();
  return new Promise((resolve) => {
    const options = {
      cwd: folder,
      env: { ...process.env, NO_COLOR: "1" },
      maxBuffer: 64 * 1024 * 1024,
      timeout: STEP_TIMEOUT_MS,
    };
    execFile(process.execPath, step.args, options, (error, stdout, stderr) => {
      resolve({
        ok: error === null,
        // Some tools paint whatever NO_COLOR says, when CI is set.
        output: stripVTControlCharacters(stdout + stderr),
        seconds: (performance.now() - start) / 1000,
      });
    });
  });
}
