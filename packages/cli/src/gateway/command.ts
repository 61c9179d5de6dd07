import type { Command } from "../command-line/command.ts";
import { RUN_FLAGS, runOptions } from "./flags.ts";
import { runGateway } from "./run.ts";

/** `nuncio gateway run` */
export const GATEWAY_RUN_COMMAND: Command = {
  usage: ["[flags]"],
  about: `
Serves resources of Gateway API from files: Gateways, routes, Services with their EndpointSlices, Secrets. Files are
followed, and what becomes of each resource is printed. docs/gateway.md tells more.`,
  flags: RUN_FLAGS,
  run: ({ given }) => runGateway(runOptions(given)),
};
