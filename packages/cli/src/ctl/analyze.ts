import { analyze, oneLine, type Mistake } from "@nuncio/gateway";
import { HELP_FLAG, type Command } from "../command-line/command.ts";
import { readChoice } from "../flag-values.ts";
import type { Flag } from "../flags.ts";
import { LIMIT_FLAG, resourceLimits } from "../limits.ts";
import { TEXT_FORMATS, dataText } from "../output.ts";
import { painter } from "../painter.ts";
import { printTable } from "../table.ts";
import { RESOURCES_FLAG, translateFiles } from "./resource-files.ts";

const EXIT_MISTAKES = 3;

const FLAGS: readonly Flag[] = [
  RESOURCES_FLAG,
  { name: "errors", help: "only what does not work, not what is most likely not meant" },
  { name: "output", short: "o", value: "FORMAT", choices: TEXT_FORMATS, help: "default: text" },
  LIMIT_FLAG,
  HELP_FLAG,
];

/** `nuncio ctl analyze` */
export const CTL_ANALYZE_COMMAND: Command = {
  usage: ["[-f FILE|FOLDER|-] [flags]"],
  about: `
Looks for mistakes in resources of Gateway API: references that lead nowhere, grants that are missing, ports, host names,
certificates, rules that never match, and more; each with its place, and with what would help.
Exit code 0; 3 when there is a mistake; 1 when something is wrong with the files.`,
  flags: FLAGS,
  run: async ({ given }) => {
    const format = readChoice(given, "output", TEXT_FORMATS, "text");
    const translation = await translateFiles(given.get("file") ?? [], resourceLimits(given));
    const all = analyze(translation, Date.now());
    const mistakes = given.has("errors") ? all.filter(({ severity }) => severity === "error") : all;
    if (format === "text") for (const mistake of mistakes) print(mistake);
    else if (format === "table") printRows(mistakes);
    else process.stdout.write(dataText({ mistakes }, format));
    if (translation.hasErrors) return 1;
    return mistakes.length > 0 ? EXIT_MISTAKES : 0;
  },
};

function printRows(mistakes: readonly Mistake[]): void {
  const rows = mistakes.map(({ severity, place, object, path, rule, message }) => [
    severity,
    placeText(place) || "-",
    object || "-",
    path || "-",
    rule,
    oneLine(message),
  ]);
  printTable(["SEVERITY", "PLACE", "OBJECT", "FIELD", "RULE", "MESSAGE"], rows);
}

function placeText(place: Mistake["place"]): string {
  return place === null ? "" : `${place.file}:${place.line}:${place.column}`;
}

function print({ rule, severity, place, object, path, message, suggestion }: Mistake): void {
  const paint = painter();
  const at = place === null ? "" : `${placeText(place)} `;
  const colour = severity === "error" ? "red" : "yellow";
  const where = [object, path].filter((part) => part !== "").join(": ");
  const lines = [
    `${paint("bold", at + where)}: ${paint(colour, severity)}: ${oneLine(message)} [${rule}]`,
  ];
  if (suggestion !== null)
    lines.push(...suggestion.split("\n").map((line) => `  ${paint("green", line)}`));
  process.stdout.write(`${lines.join("\n")}\n`);
}
