import type { HostInfrastructure } from "@nuncio/gateway";
import type { RunOptions } from "./flags.ts";

type Given = Pick<RunOptions, "envoyPath" | "concurrency" | "logLevel">;

/**
 * Beside its bootstrap. Regular expressions of routes take linear time however long they are; unless it is told otherwise Envoy refuses a
 * whole host name for one of more than 100 instructions.
 */
const RUNTIME = {
  layered_runtime: {
    layers: [{ name: "nuncio", static_layer: { "re2.max_program_size.error_level": 2 ** 32 - 1 } }],
  },
};

/** By its own strategy a connection that is open has the filters of before, those that authorize too, for up to all of the drain time. */
const FOR_ENVOY = ["--drain-strategy", "immediate", "--config-yaml", JSON.stringify(RUNTIME)];

/**
 * What runs the data plane of a Gateway. What a NuncioProxy says goes before flags; Envoy's flags are Nuncio's too, those of hot restart
 * (`restartFlags`) as well.
 */
export function dataPlaneCommand(
  given: Given,
  { dataPlane, concurrency, logLevel, drainSeconds }: HostInfrastructure,
  bootstrapFile: string,
  restartFlags: readonly string[],
): string[] {
  const command =
    dataPlane === "Envoy"
      ? [given.envoyPath, ...FOR_ENVOY]
      : [process.execPath, process.argv[1]!, "proxy"];
  command.push("-c", bootstrapFile, "--concurrency", String(concurrency ?? given.concurrency));
  command.push("--log-level", logLevel ?? given.logLevel);
  if (drainSeconds !== undefined) command.push("--drain-time-s", String(drainSeconds));
  command.push(...restartFlags);
  return command;
}
