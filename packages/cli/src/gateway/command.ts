import { describeFlags, readFlags } from "../flags.ts";
import { UsageError } from "../usage-error.ts";
import { RUN_FLAGS, runOptions } from "./flags.ts";
import { runGateway } from "./run.ts";

const USAGE = `usage: nuncio gateway run [flags]

Serves resources of Gateway API from files: Gateways, routes, Services with their EndpointSlices, Secrets. Files are
followed, and what becomes of each resource is printed. docs/gateway.md tells more.

${describeFlags(RUN_FLAGS)}
`;

/**
 * `nuncio gateway`: resolves to the exit code.
 *
 * @throws UsageError
 */
export async function gatewayCommand([name = "", ...rest]: readonly string[]): Promise<number> {
  if (name === "--help" || name === "-h") return print();
  if (name !== "run") {
    const seen = name === "" ? "none" : `"${name}"`;
    throw new UsageError(`gateway: expected run, got ${seen}`);
  }
  const given = readFlags(RUN_FLAGS, rest);
  return given.has("help") ? print() : runGateway(runOptions(given));
}

function print(): number {
  process.stdout.write(USAGE);
  return 0;
}
