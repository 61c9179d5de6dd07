import { XDS_TREE_TYPES, type Translation } from "@nuncio/gateway";
import { HELP_FLAG, type Command } from "../command-line/command.ts";
import { readChoice } from "../flag-values.ts";
import type { Flag, GivenFlags } from "../flags.ts";
import { LIMIT_FLAG, resourceLimits } from "../limits.ts";
import { TABLE_FORMATS, dataText, type DataFormat } from "../output.ts";
import { UsageError } from "../usage-error.ts";
import { RESOURCES_FLAG, translateFiles } from "./resource-files.ts";
import {
  TO,
  TRANSLATIONS,
  translatedObjects,
  type To,
  type TranslationOptions,
} from "./translations.ts";

const FROM = ["gateway-api"] as const;
const TYPES = [...XDS_TREE_TYPES, "all", "static"] as const;

const FLAGS: readonly Flag[] = [
  { name: "from", value: "KIND", choices: FROM, help: "what is read; default: gateway-api" },
  {
    name: "to",
    value: "KIND[,KIND]",
    choices: TO,
    repeatable: true,
    help: "ir: the pieces of each gateway; xds: what its data planes are given; gateway-api: objects with their status; default: gateway-api,xds",
  },
  RESOURCES_FLAG,
  { name: "gateway", value: "NAMESPACE/NAME", help: "of ir and xds: of this Gateway alone" },
  {
    name: "type",
    value: "TYPE",
    choices: TYPES,
    help: "of xds; static: all of it in one bootstrap that needs no control plane; default: all",
  },
  { name: "output", short: "o", value: "FORMAT", choices: TABLE_FORMATS, help: "default: yaml" },
  { name: "show-secrets", help: "private keys as they are" },
  LIMIT_FLAG,
  HELP_FLAG,
];

/** `nuncio ctl translate` */
export const CTL_TRANSLATE_COMMAND: Command = {
  usage: ["[--to ir|xds|gateway-api] [-f FILE|FOLDER|-] [flags]"],
  about: `
Tells what becomes of resources of Gateway API, without a cluster and without a data plane. What is wrong with them goes to
stderr, with its place; all else is translated. Several kinds are written as one object, by their names.
Exit code 0; 1 when something is wrong.`,
  flags: FLAGS,
  run: async ({ given }) => {
    readChoice(given, "from", FROM, "gateway-api");
    const kinds = kindsOf(given);
    const format = readChoice(given, "output", TABLE_FORMATS, "yaml");
    const options: TranslationOptions = {
      type: readChoice(given, "type", TYPES, "all"),
      gateway: given.get("gateway")?.[0],
      showSecrets: given.has("show-secrets"),
    };
    if (given.has("type") && !kinds.includes("xds"))
      throw new UsageError("--type: expected --to xds beside it");
    if (options.type === "static" && format === "table")
      throw new UsageError("--type: static has no table; expected yaml or json as --output");
    const translation = await translateFiles(given.get("file") ?? [], resourceLimits(given));
    checkGateway(options, translation);
    if (format === "table")
      for (const kind of kinds) TRANSLATIONS[kind].print(translation, options);
    else process.stdout.write(textOf(kinds, translation, { options, format }));
    return translation.hasErrors ? 1 : 0;
  },
};

function kindsOf(given: GivenFlags): readonly To[] {
  const words = (given.get("to") ?? ["gateway-api,xds"]).flatMap((text) => text.split(","));
  return words.map((word) => {
    const kind = TO.find((one) => one === word);
    if (kind === undefined) throw new UsageError(`--to: expected ${TO.join(", ")}; got "${word}"`);
    return kind;
  });
}

function checkGateway(
  { gateway }: TranslationOptions,
  { pipeline: { pieces } }: Translation,
): void {
  if (gateway !== undefined && pieces.infrastructure.peek(gateway) === undefined)
    throw new UsageError(`--gateway: nothing is served for "${gateway}"`);
}

function textOf(
  kinds: readonly To[],
  translation: Translation,
  { options, format }: { readonly options: TranslationOptions; readonly format: DataFormat },
): string {
  // As kubectl writes them: documents of YAML.
  if (format === "yaml" && kinds.join() === "gateway-api") {
    const objects = translatedObjects(translation);
    return objects.map((object) => dataText(object, format)).join("---\n");
  }
  const parts = kinds.map((kind) => [kind, TRANSLATIONS[kind].data(translation, options)] as const);
  return dataText(parts.length === 1 ? parts[0]![1] : Object.fromEntries(parts), format);
}
