import { runCommand } from "./commands.ts";
import { describeSystemError } from "./system-error.ts";
import { UsageError } from "./usage-error.ts";

/** The entry of the `nuncio` command: one line and exit code 1 for whatever the user can put right. */
async function main(): Promise<number> {
  try {
    return await runCommand(process.argv.slice(2));
  } catch (error) {
    const line = error instanceof UsageError ? error.message : describeSystemError(error);
    if (line === undefined) throw error;
    process.stderr.write(`nuncio: ${line}\n`);
    return 1;
  }
}

process.exit(await main());
