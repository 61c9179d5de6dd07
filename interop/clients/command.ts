import { execFile } from "node:child_process";

const ENDS_WITHIN_MS = 60_000;
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;

/** What a command printed. */
export interface Printed {
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Runs a client to its end, with bytes on its standard input. Throws, with what it said, when it fails or takes too long. */
export function runCommand(
  argv: readonly string[],
  input?: Buffer,
  withinMs = ENDS_WITHIN_MS,
): Promise<Printed> {
  return new Promise((resolve, reject) => {
    const options = {
      encoding: "buffer" as const,
      timeout: withinMs,
      killSignal: "SIGKILL" as const,
      maxBuffer: OUTPUT_BYTES_MAX,
    };
    const child = execFile(argv[0]!, argv.slice(1), options, (error, stdout, stderr) => {
      const said = stderr.toString("utf8");
      if (error === null) resolve({ stdout, stderr: said });
      else
        reject(
          new Error(
            `${error.killed === true ? "took too long" : `code ${error.code}`}: ${said.slice(-600)}`,
          ),
        );
    });
    // A client that fails early reads nothing.
    child.stdin?.on("error", () => {});
    child.stdin?.end(input);
  });
}
