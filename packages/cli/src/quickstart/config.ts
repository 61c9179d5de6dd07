import { readFileSync } from "node:fs";
import { UsageError } from "../usage-error.ts";

/** The ports of examples/quickstart.yaml, by what listens there. */
export interface QuickstartPorts {
  readonly web: number;
  readonly admin: number;
  readonly serviceA: number;
  readonly serviceB: number;
}

/** What the file says. */
export const FILE_PORTS: QuickstartPorts = { web: 10_000, admin: 9901, serviceA: 10_101, serviceB: 10_102 };

/** Lies beside the sources in a clone, and beside the bundle of a single-file build. */
const PLACES = ["../../../../examples/quickstart.yaml", "./quickstart.yaml"];

/**
 * The quick-start configuration as YAML text, with other ports where `ports` has them.
 *
 * @throws UsageError when the file is not where it belongs, or lacks a port
 */
export function quickstartConfig(ports: QuickstartPorts): string {
  let text = readFirst();
  for (const name of Object.keys(FILE_PORTS) as (keyof QuickstartPorts)[]) {
    const line = `port_value: ${FILE_PORTS[name]} `;
    if (!text.includes(line)) throw new UsageError(`examples/quickstart.yaml: expected "${line.trim()}", found none`);
    // Two steps, so that a new port that equals another old one is not replaced again.
    text = text.replace(line, `port_value: <${name}> `);
  }
  return text.replace(/<(\w+)>/g, (_, name: string) => String(ports[name as keyof QuickstartPorts]));
}

function readFirst(): string {
  for (const place of PLACES) {
    const url = new URL(place, import.meta.url);
    try {
      return readFileSync(url, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
  throw new UsageError("expected examples/quickstart.yaml beside the program, found none");
}
