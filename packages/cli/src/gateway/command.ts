import type { Command } from "../command-line/command.ts";
import { RUN_FLAGS, runOptions } from "./flags.ts";
import { runGateway } from "./run.ts";

/** `nuncio gateway run` */
export const GATEWAY_RUN_COMMAND: Command = {
  usage: ["[flags]"],
  about: `
Serves resources of Gateway API from files or an etcd: Gateways, routes, Services with their EndpointSlices, Secrets. Both
are followed, and what becomes of each resource is printed. docs/gateway.md and docs/gateway-etcd.md tell more.`,
  flags: RUN_FLAGS,
  run: ({ given }) => runGateway(runOptions(given)),
};
