/** Says a line of something that is wrong while the gateway goes on. */
export function complain(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** The words of whatever was thrown. */
export function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
