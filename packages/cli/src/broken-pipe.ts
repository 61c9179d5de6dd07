/** What a shell says of a program that SIGPIPE has ended. */
const SIGPIPE_CODE = 128 + 13;

/**
 * Has the process end without a word when nobody reads what it writes, as `head` does not after its last line: Node
 * ignores SIGPIPE, and would tell of an error with its stack.
 */
export function endOnBrokenPipe(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
      process.exit(SIGPIPE_CODE);
    });
}
