/**
 * Nuncio's `--mode validate` for many files, without a process for each: gets file names as messages from the process
 * that forked it, and answers each with the exit code and what would have been printed.
 */
import os from "node:os";
import { readFlags } from "../../packages/cli/src/flags.ts";
import { PROXY_FLAGS } from "../../packages/cli/src/proxy/flags.ts";
import { proxyOptions } from "../../packages/cli/src/proxy/options.ts";
import { validateConfig } from "../../packages/proxy/src/index.ts";
import { VALIDATE_FLAGS, VERDICTS_PRIORITY, type Validation } from "./validate.ts";

os.setPriority(VERDICTS_PRIORITY);
process.on("message", (file: string) => {
  void answer(file).then((validation) => process.send!(validation));
});

async function answer(file: string): Promise<Validation> {
  try {
    const flags = readFlags(PROXY_FLAGS, [...VALIDATE_FLAGS, file]);
    const { ok, text } = await validateConfig(proxyOptions(flags));
    return { code: ok ? 0 : 1, output: text };
  } catch (error) {
    return { code: 1, output: error instanceof Error ? String(error.stack) : String(error) };
  }
}
