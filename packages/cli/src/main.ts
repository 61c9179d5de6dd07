import { endOnBrokenPipe } from "./broken-pipe.ts";
import { groupHelp } from "./command-line/help-text.ts";
import { runCommand } from "./command-line/run-command.ts";
import { COMMANDS } from "./commands.ts";
import { describeSystemError } from "./system-error.ts";
import { UsageError } from "./usage-error.ts";

/** The entry of the `nuncio` command: one line and exit code 1 for whatever the user can put right. */
async function main(): Promise<number> {
  const args = process.argv.slice(2);
  if (args.length === 0) {
    process.stderr.write(groupHelp([], COMMANDS));
    return 1;
  }
  try {
    return await runCommand(
      COMMANDS,
      args[0] === "--version" ? ["version", ...args.slice(1)] : args,
    );
  } catch (error) {
    const line = error instanceof UsageError ? error.message : describeSystemError(error);
    // A defect of ours: its stack helps. Thrown on, node would also print the line of code, and a bundle has few lines.
    process.stderr.write(
      `nuncio: ${line ?? (error instanceof Error ? error.stack : String(error))}\n`,
    );
    return 1;
  }
}

/** Resolves when what was written has left: a pipe takes 64 KiB at once, and an exit drops the rest. */
function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write("", () => resolve());
  });
}

endOnBrokenPipe();
const code = await main();
await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
process.exit(code);
