import {
  pieceChanges,
  staticBootstrapJson,
  type PieceChange,
  type Translation,
} from "@nuncio/gateway";
import { loadExplainer, type LoadedExplainer } from "@nuncio/proxy";
import { HELP_FLAG, type Command } from "../command-line/command.ts";
import { explainRequests } from "../explain/requests.ts";
import { userError } from "../explain/user-error.ts";
import { readChoice } from "../flag-values.ts";
import type { Flag, GivenFlags } from "../flags.ts";
import { LIMIT_FLAG, resourceLimits } from "../limits.ts";
import { TEXT_FORMATS, dataText } from "../output.ts";
import { painter } from "../painter.ts";
import { proxyOptions } from "../proxy/options.ts";
import { printTable } from "../table.ts";
import { UsageError } from "../usage-error.ts";
import { translateFiles } from "./resource-files.ts";

const EXIT_DIFFERENT = 3;
/** Longer values are cut in a text. */
const VALUE_CHARACTERS_MAX = 100;

const FLAGS: readonly Flag[] = [
  {
    name: "requests",
    value: "FILE",
    help: "requests to answer by both, those that differ are told: HAR, or a JSON object a line",
  },
  {
    name: "gateway",
    value: "NAMESPACE/NAME",
    help: "the one that the requests are for; default: all",
  },
  {
    name: "output",
    short: "o",
    value: "FORMAT",
    choices: TEXT_FORMATS,
    help: "default: text, which is a table with --requests",
  },
  LIMIT_FLAG,
  HELP_FLAG,
];

/** `nuncio ctl diff` */
export const CTL_DIFF_COMMAND: Command = {
  usage: ["OLD NEW [flags]", "OLD NEW --requests FILE [flags]"],
  about: `
What a change of resources of Gateway API would do: listeners, routes, clusters, endpoints, secrets and statuses that come, go,
or are others; OLD and NEW are files or folders. With --requests, what becomes of each request before and after, as
nuncio explain tells it; nothing is sent. Exit code 0; 3 when there is a difference; 1 when something is wrong.`,
  flags: FLAGS,
  operand: "PATH",
  run: async ({ given, operands }) => {
    const [old, now] = operands;
    if (old === undefined || now === undefined || operands.length > 2)
      throw new UsageError(`expected two files or folders, OLD and NEW; got ${operands.length}`);
    const format = readChoice(given, "output", TEXT_FORMATS, "text");
    if (given.has("gateway") && !given.has("requests"))
      throw new UsageError("--gateway: expected --requests beside it");
    if (old === "-" && now === "-")
      throw new UsageError("expected stdin for one of OLD and NEW, got it for both");
    const limits = resourceLimits(given);
    const before = await translateFiles([old], limits);
    const after = await translateFiles([now], limits);
    const isDifferent = given.has("requests")
      ? await compareRequests(before, after, { given, format })
      : compare(before, after, format);
    if (before.hasErrors || after.hasErrors || isDifferent === null) return 1;
    return isDifferent ? EXIT_DIFFERENT : 0;
  },
};

type Format = (typeof TEXT_FORMATS)[number];

function compare(before: Translation, after: Translation, format: Format): boolean {
  const changes = pieceChanges(before.pipeline, after.pipeline);
  if (format === "text") printText(changes);
  else if (format === "table") printRows(changes);
  else process.stdout.write(dataText({ changes }, format));
  return changes.length > 0;
}

/** Null: a request could not be explained. */
async function compareRequests(
  before: Translation,
  after: Translation,
  { given, format }: { readonly given: GivenFlags; readonly format: Format },
): Promise<boolean | null> {
  const [current, other] = [await explainerOf(before, given), await explainerOf(after, given)];
  const file = given.get("requests")![0]!;
  const data = format === "yaml" || format === "json" ? format : null;
  const options = { file, listener: "", data, paint: painter() };
  const { failed, different } = await explainRequests(current, other, options);
  return failed > 0 ? null : different > 0;
}

/** As the data plane of the static form would answer. */
async function explainerOf({ pipeline }: Translation, given: GivenFlags): Promise<LoadedExplainer> {
  const gateway = given.get("gateway")?.[0];
  const bootstrap = staticBootstrapJson(pipeline.pieces, { gateway, showSecrets: true });
  try {
    return await loadExplainer(
      proxyOptions(new Map([["config-yaml", [JSON.stringify(bootstrap)]]])),
    );
  } catch (error) {
    throw userError(error);
  }
}

const SIGNS = { added: "+", removed: "-", changed: "~" } as const;
const COLOURS = { added: "green", removed: "red", changed: "yellow" } as const;

/** A row for each field that changes, and for each piece that comes or goes. */
function printRows(changes: readonly PieceChange[]): void {
  const rows = changes.flatMap(({ type, name, change, fields }) =>
    fields.length === 0
      ? [[change, type, name, "-", "-", "-"]]
      : fields.map(({ path, before, after }) => [
          change,
          type,
          name,
          path,
          valueText(before),
          valueText(after),
        ]),
  );
  printTable(["CHANGE", "TYPE", "NAME", "FIELD", "BEFORE", "AFTER"], rows);
}

function printText(changes: readonly PieceChange[]): void {
  const paint = painter();
  const count = { added: 0, removed: 0, changed: 0 };
  for (const { type, name, change, fields } of changes) {
    count[change]++;
    const lines = [paint(COLOURS[change], `${SIGNS[change]} ${type} ${name}`)];
    for (const { path, before, after } of fields)
      lines.push(`    ${path}: ${valueText(before)} → ${valueText(after)}`);
    process.stdout.write(`${lines.join("\n")}\n`);
  }
  const summary = Object.entries(count).map(([change, number]) => `${number} ${change}`);
  process.stdout.write(`${paint("bold", summary.join(", "))}\n`);
}

function valueText(value: unknown): string {
  if (value === undefined) return "none";
  const text = JSON.stringify(value);
  return text.length <= VALUE_CHARACTERS_MAX ? text : `${text.slice(0, VALUE_CHARACTERS_MAX)}…`;
}
