import { HELP_FLAG, type Command } from "../command-line/command.ts";
import { readChoice } from "../flag-values.ts";
import { TEXT_FORMATS, dataText } from "../output.ts";
import { printTable } from "../table.ts";
import { VERSION, versionLine, ENVOY_VERSION } from "../version.ts";

/** `nuncio version` */
export const VERSION_COMMAND: Command = {
  usage: ["[-o FORMAT]"],
  about:
    "Prints the version; as a table, in yaml or json also those of what it speaks, each by itself.",
  flags: [
    { name: "output", short: "o", value: "FORMAT", choices: TEXT_FORMATS, help: "default: text" },
    HELP_FLAG,
  ],
  run: async ({ given }) => {
    const format = readChoice(given, "output", TEXT_FORMATS, "text");
    if (format === "text") process.stdout.write(`${versionLine()}\n`);
    else if (format === "table") printTable(["WHAT", "VERSION"], Object.entries(await versions()));
    else process.stdout.write(dataText(await versions(), format));
    return 0;
  },
};

async function versions(): Promise<Record<string, string>> {
  const { GATEWAY_API_VERSION } = await import("@nuncio/gateway");
  return {
    nuncio: VERSION,
    envoyApi: ENVOY_VERSION,
    gatewayApi: GATEWAY_API_VERSION.replace("v", ""),
    node: process.versions.node,
  };
}
