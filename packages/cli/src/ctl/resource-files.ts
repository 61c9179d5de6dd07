import { buffer } from "node:stream/consumers";
import { Translation, readFiles, type ResourceSource } from "@nuncio/gateway";
import type { Flag } from "../flags.ts";
import type { ResourceLimits } from "../limits.ts";
import { UsageError } from "../usage-error.ts";

/** Where resources are read from. */
export const RESOURCES_FLAG: Flag = {
  name: "file",
  short: "f",
  value: "PATH",
  repeatable: true,
  help: "a file with resources, a folder with all below it, or - for stdin; may be repeated",
};

/**
 * Translates resources of files. What is wrong with them is written to stderr.
 *
 * @param paths none: stdin
 * @throws UsageError when a path is not there
 */
export async function translateFiles(
  paths: readonly string[],
  limits: ResourceLimits,
): Promise<Translation> {
  const translation = new Translation(await readSources(paths), limits);
  for (const line of translation.problems) process.stderr.write(`${line}\n`);
  return translation;
}

/**
 * Reads files with resources.
 *
 * @param paths none: stdin
 * @throws UsageError when one cannot be read
 */
export async function readSources(paths: readonly string[]): Promise<readonly ResourceSource[]> {
  const fromStdin = paths.length === 0 || paths.includes("-");
  if (paths.length === 0 && process.stdin.isTTY)
    throw new UsageError("expected --file, or resources on stdin");
  const { sources, problems } = readPaths(paths.filter((path) => path !== "-"));
  for (const line of problems) process.stderr.write(`${line}\n`);
  if (problems.length > 0) throw new UsageError("not all files could be read");
  const stdin = fromStdin ? [{ name: "<stdin>", content: await buffer(process.stdin) }] : [];
  return [...stdin, ...sources];
}

function readPaths(paths: readonly string[]): ReturnType<typeof readFiles> {
  try {
    return readFiles(paths);
  } catch (error) {
    throw new UsageError(`--file: ${(error as Error).message}`);
  }
}
