import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { parse } from "yaml";
import { checkResult, type CheckResult } from "../check.ts";
import { runToEnd } from "../harness/child-process.ts";
import { proxyCommand, type ProxyKind } from "../harness/proxy-process.ts";

const VALIDATE_WITHIN_MS = 60_000;
const DETAIL_CHARS_MAX = 800;

/** What Nuncio does not have yet. Each later version shortens it. */
export interface NotYet {
  /** Message names, without `type.googleapis.com/`, and fields, as the refusal names them. */
  readonly names: readonly string[];
}

export const NOT_YET_FILE: string = join(import.meta.dirname, "not-yet.yaml");

export function readNotYet(file: string): NotYet {
  return { names: (parse(readFileSync(file, "utf8")) as { names?: string[] | null }).names ?? [] };
}

/** A proxy's verdict on one file. */
export interface Verdict {
  readonly accepts: boolean;
  readonly output: string;
}

/**
 * Compares `--mode validate` on every bootstrap below `folder`: the verdict must be Envoy's, except where the
 * only thing Nuncio says is that something of `notYet` is missing. A name in `notYet` that no refusal needs any
 * more fails, so that the list can only shrink.
 */
export async function runVerdicts(folder: string, notYet: NotYet): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  const used = new Set<string>();
  for (const file of bootstrapsIn(folder)) {
    const name = `verdict on ${relative(folder, file)}`;
    const [envoy, nuncio] = await Promise.all([validate("envoy", file), validate("nuncio", file)]);
    results.push(checkResult(name, compareVerdicts(envoy, nuncio, notYet, used)));
  }
  for (const missing of notYet.names) {
    const problem = used.has(missing)
      ? null
      : "is listed as missing, and nothing is refused because of it";
    results.push(checkResult(`verdicts: ${missing}`, problem));
  }
  return results;
}

/** Null when the verdicts agree, or differ only by what is listed; notes in `used` which names that took. */
export function compareVerdicts(
  envoy: Verdict,
  nuncio: Verdict,
  notYet: NotYet,
  used: Set<string>,
): string | null {
  const errors = nuncio.accepts ? [] : errorLines(nuncio.output);
  const unlisted: string[] = [];
  for (const line of errors) {
    const names = notYet.names.filter((name) => mentions(line, name));
    for (const name of names) used.add(name);
    if (names.length === 0) unlisted.push(line);
  }
  if (envoy.accepts === nuncio.accepts) return null;
  if (nuncio.accepts) return `Envoy refuses it: ${envoy.output.trim().slice(-DETAIL_CHARS_MAX)}`;
  if (errors.length === 0)
    return `Envoy accepts it, Nuncio says only: ${nuncio.output.slice(0, DETAIL_CHARS_MAX)}`;
  return unlisted.length === 0
    ? null
    : `Envoy accepts it, and more than what is listed is refused:\n${unlisted.join("\n").slice(0, DETAIL_CHARS_MAX)}`;
}

async function validate(kind: ProxyKind, file: string): Promise<Verdict> {
  const command = [...proxyCommand(kind), "--mode", "validate", "-l", "critical", "-c", file];
  const { code, output } = await runToEnd(command, VALIDATE_WITHIN_MS, { cwd: dirname(file) });
  return { accepts: code === 0, output };
}

/** The lines that report a problem: `file:line:column path: text`. Warnings say so in front. */
function errorLines(output: string): string[] {
  return output.split("\n").filter((line) => /^\S+:\d+:\d+ /.test(line));
}

/** The name, and not just the beginning of a longer one. */
function mentions(line: string, name: string): boolean {
  const escaped = name.replaceAll(/[.+?^${}()|[\]\\*]/g, "\\$&");
  return new RegExp(`(?<![\\w.])${escaped}(?![\\w.]*\\w)`).test(line);
}

/** Whole bootstraps; what others include (`_include`, `xds`) is none. */
function bootstrapsIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(?:ya?ml|json)$/.test(name) && !/(?:^|\/)(?:_include|xds)\//.test(name))
    .sort()
    .map((name) => join(folder, name));
}
