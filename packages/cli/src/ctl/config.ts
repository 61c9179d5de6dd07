import { getAdminJson, ADMIN_FLAG, DEFAULT_ADMIN } from "../admin.ts";
import { HELP_FLAG, type Command } from "../command-line/command.ts";
import { readChoice } from "../flag-values.ts";
import type { Flag } from "../flags.ts";
import { TABLE_FORMATS, dataText } from "../output.ts";
import { printTable } from "../table.ts";
import { UsageError } from "../usage-error.ts";
import {
  CONFIG_DUMPS,
  configParts,
  configRows,
  type ConfigPart,
  type ConfigType,
} from "./config-rows.ts";

const TYPES = Object.keys(CONFIG_DUMPS) as ConfigType[];

const FLAGS: readonly Flag[] = [
  ADMIN_FLAG,
  { name: "name", value: "REGEX", help: "only resources whose name matches the whole of it" },
  { name: "output", short: "o", value: "FORMAT", choices: TABLE_FORMATS, help: "default: table" },
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
    const format = readChoice(given, "output", TABLE_FORMATS, "table");
    const name = given.get("name")?.[0];
    const query: [string, string][] = [["include_eds", ""]];
    if (name !== undefined) query.push(["name_regex", name]);
    const admin = given.get("admin")?.[0] ?? DEFAULT_ADMIN;
    const parts = configParts(await getAdminJson(admin, "/config_dump", query), types);
    if (format === "table") printParts(parts);
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

function printParts(parts: readonly ConfigPart[]): void {
  const rows = parts
    .flatMap(configRows)
    .map(({ type, name, state, version, updated, about }) => [
      type,
      name,
      state,
      version,
      updated,
      about,
    ]);
  printTable(["TYPE", "NAME", "STATE", "VERSION", "UPDATED", "ABOUT"], rows);
}
