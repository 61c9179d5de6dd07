import { HELP_FLAG, type Command } from "../command-line/command.ts";
import { readChoice } from "../flag-values.ts";
import { DATA_FORMATS, dataText } from "../output.ts";
import { VERSION, versionLine, ENVOY_VERSION } from "../version.ts";

const FORMATS = ["text", ...DATA_FORMATS] as const;

/** `nuncio version` */
export const VERSION_COMMAND: Command = {
  usage: ["[-o FORMAT]"],
  about: "Prints the version; with yaml or json also those of what it speaks, each by itself.",
  flags: [
    { name: "output", short: "o", value: "FORMAT", choices: FORMATS, help: "default: text" },
    HELP_FLAG,
  ],
  run: async ({ given }) => {
    const format = readChoice(given, "output", FORMATS, "text");
    process.stdout.write(
      format === "text" ? `${versionLine()}\n` : dataText(await versions(), format),
    );
    return 0;
  },
};

async function versions(): Promise<object> {
  const { GATEWAY_API_VERSION } = await import("@nuncio/gateway");
  return {
    nuncio: VERSION,
    envoyApi: ENVOY_VERSION,
    gatewayApi: GATEWAY_API_VERSION.replace("v", ""),
    node: process.versions.node,
  };
}
