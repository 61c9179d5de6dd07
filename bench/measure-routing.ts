import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { RoutingSample } from "./micro/routes.ts";

const run = promisify(execFile);
const ENDS_WITHIN_MS = 60_000;

/** Routing alone, in a process of its own. */
export async function measureRoutingApart(): Promise<RoutingSample> {
  const file = join(import.meta.dirname, "micro", "routes.ts");
  const { stdout } = await run(process.execPath, [file, "--json"], { timeout: ENDS_WITHIN_MS });
  return JSON.parse(stdout) as RoutingSample;
}
