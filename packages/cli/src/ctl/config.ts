import { getAdminJson, ADMIN_FLAG, DEFAULT_ADMIN } from "../admin.ts";
import { HELP_FLAG, type Command } from "../command-line/command.ts";
import { readChoice } from "../flag-values.ts";
import type { Flag } from "../flags.ts";
import { DATA_FORMATS, dataText } from "../output.ts";
import { painter } from "../painter.ts";
import { Table } from "../table.ts";
import { UsageError } from "../usage-error.ts";
import {
  CONFIG_DUMPS,
  configParts,
  configRows,
  type ConfigPart,
  type ConfigType,
} from "./config-rows.ts";

const FORMATS = ["table", ...DATA_FORMATS] as const;
const TYPES = Object.keys(CONFIG_DUMPS) as ConfigType[];

const FLAGS: readonly Flag[] = [
  ADMIN_FLAG,
  { name: "name", value: "REGEX", help: "only resources whose name matches the whole of it" },
  { name: "output", short: "o", value: "FORMAT", choices: FORMATS, help: "default: table" },
  HELP_FLAG,
];

/** `nuncio ctl config` */
export const CTL_CONFIG_COMMAND: Command = {
  usage: [`${["all", ...TYPES].join("|")} [flags]`],
  about: `
The configuration that a running proxy has, be it of a gateway or not: of each resource its state, its version and since when;
with yaml and json all of it, as /config_dump has it. Private keys are not shown. It asks the admin interface, Envoy's too.`,
  flags: FLAGS,
  operand: "WHAT",
  operandChoices: ["all", ...TYPES],
  run: async ({ given, operands }) => {
    const types = typesOf(operands);
    const format = readChoice(given, "output", FORMATS, "table");
    const name = given.get("name")?.[0];
    const query: [string, string][] = [["include_eds", ""]];
    if (name !== undefined) query.push(["name_regex", name]);
    const admin = given.get("admin")?.[0] ?? DEFAULT_ADMIN;
    const parts = configParts(await getAdminJson(admin, "/config_dump", query), types);
    if (format === "table") printTable(parts);
    else process.stdout.write(dataText({ configs: parts.map(({ dump }) => dump) }, format));
    return 0;
  },
};

function typesOf(operands: readonly string[]): readonly ConfigType[] {
  const [what = "none"] = operands;
  if (operands.length === 1 && what === "all") return TYPES;
  const type = TYPES.find((one) => one === what);
  if (operands.length === 1 && type !== undefined) return [type];
  const seen = operands.length === 0 ? "none" : `"${operands.join(" ")}"`;
  throw new UsageError(`expected one of ${["all", ...TYPES].join(", ")}; got ${seen}`);
}

function printTable(parts: readonly ConfigPart[]): void {
  const head = ["TYPE", "NAME", "STATE", "VERSION", "UPDATED", "ABOUT"];
  const table = new Table(head, (text) => void process.stdout.write(text), painter());
  for (const { type, name, state, version, updated, about } of parts.flatMap(configRows))
    table.add([type, name, state, version, updated, about]);
  table.end();
}
