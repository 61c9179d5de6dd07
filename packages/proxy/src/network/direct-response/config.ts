import { readFileSync } from "node:fs";
import type { DataSource } from "@nuncio/api/types/envoy/config/core/v3/base_pb";
import type { Config } from "@nuncio/api/types/envoy/extensions/filters/network/direct_response/v3/config_pb";
import type { CompileContext } from "../../config/context.ts";
import type { NetworkFilterConfigSide } from "../extension.ts";

/** What is sent to every connection. */
export interface DirectResponseConfig {
  readonly response: Uint8Array;
}

const TYPE = "envoy.extensions.filters.network.direct_response.v3.Config";

/** Main side of the direct response filter. */
export const directResponseConfigSide: NetworkFilterConfigSide<Config, DirectResponseConfig> = {
  name: "envoy.filters.network.direct_response",
  configType: TYPE,
  terminal: true,
  implemented: {
    [TYPE]: ["response"],
    "envoy.config.core.v3.DataSource": [
      "filename",
      "inline_bytes",
      "inline_string",
      "environment_variable",
    ],
  },
  compile: (config, ctx) => ({
    response:
      config.response === undefined ? new Uint8Array() : readDataSource(config.response, ctx),
  }),
};

function readDataSource(source: DataSource, ctx: CompileContext): Uint8Array {
  const { specifier } = source;
  switch (specifier.case) {
    case "inlineBytes":
      return specifier.value;
    case "inlineString":
      return Buffer.from(specifier.value, "utf8");
    case "environmentVariable":
      return Buffer.from(process.env[specifier.value] ?? "", "utf8");
    case "filename":
      try {
        return readFileSync(specifier.value);
      } catch (error) {
        ctx.problems.error(source, "filename", `unable to read file: ${(error as Error).message}`);
        return new Uint8Array();
      }
    case undefined:
      return new Uint8Array();
  }
}
