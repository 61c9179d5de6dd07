import { readFileSync } from "node:fs";
import { startService, type DemoService } from "../quickstart/services.ts";
import { UsageError } from "../usage-error.ts";

// A literal, so that the single-file build sees it and takes the file along.
const EXAMPLE = new URL("../../../../examples/gateway.yaml", import.meta.url);
const WEB = "http://127.0.0.1:10000";
const SERVICES = [
  ["service-a", 10_101],
  ["service-b", 10_102],
] as const;

const HINTS: readonly (readonly [command: string, effect: string])[] = [
  [`curl -i ${WEB}/`, "three of four go to service-a, the others to service-b"],
  [`curl -i -H 'x-service: b' ${WEB}/`, "by header"],
  [`curl -i ${WEB}/a/some/path`, "by prefix; the prefix is taken off"],
  [`curl -i -H 'host: b.example.com' ${WEB}/`, "by host name"],
  [`curl -i ${WEB}/old/page`, "redirected"],
];

/** The example, and the services that it leads to. */
export interface RunningExample {
  readonly resources: { readonly name: string; readonly content: string };
  /** What to try. */
  readonly hints: string;
  close(): Promise<void>;
}

/** @throws UsageError when a port of a service is in use */
export async function startExample(): Promise<RunningExample> {
  const services: DemoService[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(services.map((service) => service.close()));
  };
  for (const [name, port] of SERVICES) {
    try {
      services.push(await startService(name, port));
    } catch (error) {
      await close();
      if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
      throw new UsageError(`port ${port} of ${name} is in use by another program`);
    }
  }
  const width = Math.max(...HINTS.map(([command]) => command.length)) + 3;
  const lines = HINTS.map(([command, effect]) => `  ${command.padEnd(width)}${effect}\n`);
  return {
    resources: { name: "examples/gateway.yaml", content: readFileSync(EXAMPLE, "utf8") },
    hints: `
Nuncio serves examples/gateway.yaml, resources of Gateway API, in front of two demo services. Try:

${lines.join("")}
With --resources it serves yours. Ctrl-C ends everything.

`,
    close,
  };
}
