import {
  compareExplanations,
  explanationText,
  loadExplainer,
  type Difference,
  type Explanation,
  type LoadedExplainer,
  type RequestText,
} from "@nuncio/proxy";
import type { Command } from "../command-line/command.ts";
import type { GivenFlags } from "../flags.ts";
import { painter } from "../painter.ts";
import { proxyOptions } from "../proxy/options.ts";
import { UsageError } from "../usage-error.ts";
import { askAdmin } from "./ask-admin.ts";
import { differencesText } from "./differences-text.ts";
import { EXPLAIN_FLAGS } from "./flags.ts";
import { explainRequests } from "./requests.ts";
import { userError } from "./user-error.ts";

/** `nuncio explain` */
export const EXPLAIN_COMMAND: Command = {
  usage: [
    "-c FILE URL [flags]",
    "-c FILE --against FILE URL [flags]",
    "-c FILE [--against FILE] --requests FILE [flags]",
    "--admin URL URL [flags]",
  ],
  about: `
Tells what a configuration does with a request, and why. Nothing is sent.
Exit code 0; 3 when --against finds a difference; 1 when something is wrong.`,
  flags: EXPLAIN_FLAGS,
  operand: "URL",
  run: async ({ given, operands }) => {
    checkCombination(given, operands);
    try {
      return await explain(given, operands);
    } catch (error) {
      throw userError(error);
    }
  },
};

/** The exit code of `--against` when something is not the same. */
const EXIT_DIFFERENT = 3;

async function explain(given: GivenFlags, operands: readonly string[]): Promise<number> {
  const admin = given.get("admin")?.[0];
  if (admin !== undefined) {
    print(given, await askAdmin(admin, requestOf(given, operands[0]!)));
    return 0;
  }
  const current = await load(given, given.get("config-path")?.[0] ?? "");
  const against = given.get("against")?.[0];
  const other = against === undefined ? null : await load(given, against);
  const file = given.get("requests")?.[0];
  if (file !== undefined) return explainFile(file, given, [current, other]);
  const request = requestOf(given, operands[0]!);
  const explanation = current.explainer.explain(request);
  if (other === null) {
    print(given, explanation);
    return 0;
  }
  const differences = compareExplanations(explanation, other.explainer.explain(request));
  printDifferences(given, request.url, differences);
  return differences.length > 0 ? EXIT_DIFFERENT : 0;
}

async function explainFile(
  file: string,
  given: GivenFlags,
  [current, other]: readonly [LoadedExplainer, LoadedExplainer | null],
): Promise<number> {
  const listener = given.get("listener")?.[0] ?? "";
  const data = given.has("json") ? "json" : null;
  const options = { file, listener, data, paint: painter() } as const;
  const { failed, different } = await explainRequests(current, other, options);
  return failed > 0 ? 1 : different > 0 ? EXIT_DIFFERENT : 0;
}

function checkCombination(given: GivenFlags, operands: readonly string[]): void {
  const clash = (one: string, others: readonly string[]): void => {
    const other = others.find((name) => given.has(name));
    if (given.has(one) && other !== undefined)
      throw new UsageError(`--${one} and --${other}: expected one of them, got both`);
  };
  clash("admin", ["config-path", "config-yaml", "against", "requests"]);
  clash("requests", ["request", "header", "source"]);
  const wanted = given.has("requests") ? 0 : 1;
  if (operands.length === wanted) return;
  if (wanted === 0)
    throw new UsageError(`--requests: expected no URL beside it, got "${operands[0]}"`);
  throw new UsageError(
    operands.length === 0
      ? "expected a URL such as http://host:port/path, got none"
      : `expected one URL, got "${operands[0]}" and "${operands[1]}"`,
  );
}

async function load(given: GivenFlags, path: string): Promise<LoadedExplainer> {
  const options = new Map(given);
  if (path === "") options.delete("config-path");
  else options.set("config-path", [path]);
  const loaded = await loadExplainer(proxyOptions(options));
  if (loaded.warnings !== "") process.stderr.write(`${loaded.warnings}\n`);
  return loaded;
}

function requestOf(given: GivenFlags, url: string): RequestText {
  const text = (name: string): string => given.get(name)?.[0] ?? "";
  const headers = (given.get("header") ?? []).map((line): readonly [string, string] => {
    const colon = line.indexOf(":");
    if (colon < 1) throw new UsageError(`--header: expected 'name: value', got "${line}"`);
    return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
  });
  return {
    url,
    headers,
    method: text("request"),
    source: text("source"),
    listener: text("listener"),
  };
}

function print(given: GivenFlags, explanation: Explanation): void {
  const options = { paint: painter(), allRoutes: given.has("all") };
  process.stdout.write(
    given.has("json")
      ? `${JSON.stringify(explanation, null, 2)}\n`
      : explanationText(explanation, options),
  );
}

function printDifferences(
  given: GivenFlags,
  url: string,
  differences: readonly Difference[],
): void {
  process.stdout.write(
    given.has("json")
      ? `${JSON.stringify({ url, differences }, null, 2)}\n`
      : differencesText(url, differences, painter()),
  );
}
