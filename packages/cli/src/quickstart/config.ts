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
export const FILE_PORTS: QuickstartPorts = {
  web: 10_000,
  admin: 9901,
  serviceA: 10_101,
  serviceB: 10_102,
};

// A literal, so that the single-file build sees it and takes the file along.
const EXAMPLE = new URL("../../../../examples/quickstart.yaml", import.meta.url);

/**
 * The quick-start configuration as YAML text, with other ports where `ports` has them.
 *
 * @throws UsageError when the file lacks a port
 */
export function quickstartConfig(ports: QuickstartPorts): string {
  let text = readFileSync(EXAMPLE, "utf8");
  for (const name of Object.keys(FILE_PORTS) as (keyof QuickstartPorts)[]) {
    const line = `port_value: ${FILE_PORTS[name]} `;
    if (!text.includes(line))
      throw new UsageError(`examples/quickstart.yaml: expected "${line.trim()}", found none`);
    // Two steps, so that a new port that equals another old one is not replaced again.
    text = text.replace(line, `port_value: <${name}> `);
  }
  return text.replace(/<(\w+)>/g, (_, name: string) =>
    String(ports[name as keyof QuickstartPorts]),
  );
}
