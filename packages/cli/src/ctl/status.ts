import { objectsWithStatus } from "@nuncio/gateway";
import { ADMIN_FLAG, DEFAULT_GATEWAY_ADMIN } from "../admin.ts";
import { HELP_FLAG, type Command } from "../command-line/command.ts";
import { readChoice } from "../flag-values.ts";
import type { Flag, GivenFlags } from "../flags.ts";
import { LIMIT_FLAG, resourceLimits } from "../limits.ts";
import { TABLE_FORMATS, dataText, nowText } from "../output.ts";
import { UsageError } from "../usage-error.ts";
import { printStatusRows } from "./print-status-rows.ts";
import { RESOURCES_FLAG, translateFiles } from "./resource-files.ts";
import { readRunning } from "./running-status.ts";
import { STATUS_WORDS, statusKinds } from "./status-kinds.ts";
import { isBadRow, statusRows, type ObjectWithStatus } from "./status-rows.ts";

const EXIT_BAD = 3;

const FLAGS: readonly Flag[] = [
  { ...RESOURCES_FLAG, help: `${RESOURCES_FLAG.help}; told as if all went well` },
  {
    ...ADMIN_FLAG,
    help: `admin interface of the control plane; default: ${DEFAULT_GATEWAY_ADMIN}`,
  },
  {
    name: "status-file",
    value: "FILE",
    help: "the one that nuncio gateway run writes; with --admin it is read when nobody answers there",
  },
  { name: "namespace", short: "n", value: "NAME", help: "objects of this namespace alone" },
  { name: "all-namespaces", short: "A", help: "objects of all namespaces, which is the default" },
  { name: "quiet", short: "q", help: "only what is not as it should be" },
  { name: "verbose", short: "v", help: "also messages, generations and times" },
  { name: "output", short: "o", value: "FORMAT", choices: TABLE_FORMATS, help: "default: table" },
  LIMIT_FLAG,
  HELP_FLAG,
];

/** `nuncio ctl status` */
export const CTL_STATUS_COMMAND: Command = {
  usage: [
    "[KIND] [--admin URL] [flags]",
    "[KIND] --status-file FILE [flags]",
    "[KIND] -f FILE|FOLDER|- [flags]",
  ],
  about: `
What became of resources: the conditions of each, of its listeners, and of how it stands to its parents; of a gateway that
runs, by its admin interface or its status file, or of files. KIND is one of ${STATUS_WORDS.slice(0, 6).join(", ")},
${STATUS_WORDS.slice(6).join(", ")}; default: all.
Exit code 0; 3 when a condition is not as it should be; 1 when something is wrong with the files.`,
  flags: FLAGS,
  operand: "KIND",
  operandChoices: STATUS_WORDS,
  run: async ({ given, operands: [word = "all", more] }) => {
    if (more !== undefined) throw new UsageError(`expected one kind, got "${word}" and "${more}"`);
    const kinds = statusKinds(word);
    const format = readChoice(given, "output", TABLE_FORMATS, "table");
    const { objects, hasErrors } = await readObjects(given);
    const namespace = namespaceOf(given);
    const wanted = objects.filter(
      ({ kind, metadata }) =>
        kinds.includes(kind) && (namespace === undefined || metadata.namespace === namespace),
    );
    const rows = wanted.map((object) => ({ object, rows: statusRows(object) }));
    const bad = rows.filter((each) => each.rows.some(isBadRow));
    const told = given.has("quiet") ? bad : rows;
    if (format === "table") {
      const all = told.flatMap((each) => each.rows);
      printStatusRows(given.has("quiet") ? all.filter(isBadRow) : all, {
        // Files have no times of their own.
        more: given.has("verbose") ? (given.has("file") ? "messages" : "messages and times") : null,
      });
    } else {
      const items = told.map(({ object }) => object);
      process.stdout.write(dataText({ apiVersion: "v1", kind: "List", items }, format));
    }
    if (hasErrors) return 1;
    return bad.length > 0 ? EXIT_BAD : 0;
  },
};

function namespaceOf(given: GivenFlags): string | undefined {
  if (given.has("namespace") && given.has("all-namespaces"))
    throw new UsageError("--namespace and --all-namespaces: expected one of them, got both");
  return given.get("namespace")?.[0];
}

interface ReadObjects {
  readonly objects: readonly ObjectWithStatus[];
  readonly hasErrors: boolean;
}

async function readObjects(given: GivenFlags): Promise<ReadObjects> {
  if (!given.has("file")) {
    if (given.has("limit")) throw new UsageError("--limit: expected --file beside it");
    const [admin, file] = ["admin", "status-file"].map((name) => given.get(name)?.[0]);
    return { objects: await readRunning({ admin, file }), hasErrors: false };
  }
  const other = ["admin", "status-file"].find((name) => given.has(name));
  if (other !== undefined)
    throw new UsageError(`--file and --${other}: expected one of them, got both`);
  const { store, pipeline, hasErrors } = await translateFiles(
    given.get("file")!,
    resourceLimits(given),
  );
  return { objects: objectsWithStatus(store, pipeline, nowText()), hasErrors };
}
