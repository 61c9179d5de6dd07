import {
  XDS_TREE_TYPES,
  irTree,
  objectsWithStatus,
  staticBootstrapJson,
  xdsTree,
  type Translation,
} from "@nuncio/gateway";
import { HELP_FLAG, type Command } from "../command-line/command.ts";
import { readChoice } from "../flag-values.ts";
import type { Flag, GivenFlags } from "../flags.ts";
import { DATA_FORMATS, dataText, nowText, type DataFormat } from "../output.ts";
import { UsageError } from "../usage-error.ts";
import { RESOURCES_FLAG, translateFiles } from "./resource-files.ts";

const FROM = ["gateway-api"] as const;
const TO = ["ir", "xds", "gateway-api"] as const;
const TYPES = [...XDS_TREE_TYPES, "all", "static"] as const;
/** Where data planes look for a control plane in the bootstrap that is printed. */
const XDS_PORT = 18_000;

const FLAGS: readonly Flag[] = [
  { name: "from", value: "KIND", choices: FROM, help: "what is read; default: gateway-api" },
  {
    name: "to",
    value: "KIND",
    choices: TO,
    help: "ir: the pieces of each gateway; xds: what its data planes are given; gateway-api: objects with their status",
  },
  RESOURCES_FLAG,
  { name: "gateway", value: "NAMESPACE/NAME", help: "of ir and xds: of this Gateway alone" },
  {
    name: "type",
    value: "TYPE",
    choices: TYPES,
    help: "of xds; static: all of it in one bootstrap that needs no control plane; default: all",
  },
  { name: "output", short: "o", value: "FORMAT", choices: DATA_FORMATS, help: "default: yaml" },
  { name: "show-secrets", help: "private keys as they are" },
  HELP_FLAG,
];

/** `nuncio ctl translate` */
export const CTL_TRANSLATE_COMMAND: Command = {
  usage: ["--to ir|xds|gateway-api [-f FILE|FOLDER|-] [flags]"],
  about: `
Tells what becomes of resources of Gateway API, without a cluster and without a data plane. What is wrong with them goes to
stderr, with its place; all else is translated. Exit code 0; 1 when something is wrong.`,
  flags: FLAGS,
  run: async ({ given }) => {
    readChoice(given, "from", FROM, "gateway-api");
    if (!given.has("to")) throw new UsageError(`--to: expected ${TO.join(", ")}; got none`);
    const to = readChoice(given, "to", TO, "ir");
    const type = readChoice(given, "type", TYPES, "all");
    const format = readChoice(given, "output", DATA_FORMATS, "yaml");
    if (to !== "xds" && given.has("type"))
      throw new UsageError("--type: expected --to xds beside it");
    const translation = await translateFiles(given.get("file") ?? []);
    process.stdout.write(
      to === "gateway-api"
        ? objectsText(translation, format)
        : dataText(treeOf(to, type, translation, given), format),
    );
    return translation.hasErrors ? 1 : 0;
  },
};

function treeOf(
  to: "ir" | "xds",
  type: (typeof TYPES)[number],
  { pipeline: { pieces } }: Translation,
  given: GivenFlags,
): object {
  const showSecrets = given.has("show-secrets");
  const gateway = given.get("gateway")?.[0];
  if (gateway !== undefined && pieces.infrastructure.peek(gateway) === undefined)
    throw new UsageError(`--gateway: nothing is served for "${gateway}"`);
  if (to === "ir") return only(irTree(pieces, { showSecrets }), gateway);
  if (type === "static") return staticBootstrapJson(pieces, { gateway, showSecrets });
  const types = type === "all" ? XDS_TREE_TYPES : [type];
  const xds = { host: "127.0.0.1", port: XDS_PORT };
  return only(xdsTree(pieces, { types, showSecrets, xds }), gateway);
}

function only(tree: Readonly<Record<string, object>>, gateway: string | undefined): object {
  return gateway === undefined ? tree : { [gateway]: tree[gateway] };
}

/** As kubectl writes them: documents of YAML, or a list of JSON. */
function objectsText({ store, pipeline }: Translation, format: DataFormat): string {
  const items = objectsWithStatus(store, pipeline, nowText());
  if (format === "json") return dataText({ apiVersion: "v1", kind: "List", items }, format);
  return items.map((item) => dataText(item, format)).join("---\n");
}
