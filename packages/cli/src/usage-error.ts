/** The command line, or what it names, cannot be used. The message is the one line that the user sees; exit code 1. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
