import assert from "node:assert/strict";
import { join } from "node:path";
import { checkResult, type CheckResult } from "../check.ts";
import { findCounterpart } from "../harness/counterparts.ts";
import { runCommand } from "./command.ts";
import type { Fronts } from "./fronts.ts";

/** Python's own http.client, and the library h2: each script prints a line of JSON per check. */
export async function checkPython({
  toHttp1,
  toHttp2,
  certificate,
}: Fronts): Promise<CheckResult[]> {
  const python = findCounterpart("python")!;
  const ca = certificate === null ? [] : [certificate.certFile];
  const results: CheckResult[] = [];
  for (const script of ["http_client.py", "h2_client.py"]) {
    for (const [upstream, port] of [
      ["HTTP/1.1", toHttp1],
      ["HTTP/2", toHttp2],
    ] as const) {
      const name = `Python ${script}${certificate === null ? "" : " over TLS"} to ${upstream}`;
      const file = join(import.meta.dirname, "python", script);
      results.push(...(await linesOf(name, [python, file, String(port), ...ca])));
    }
  }
  return results;
}

/** Runs a client that prints `{"name", "problem"}` for each of its checks; one that prints none is a failure. */
export async function linesOf(name: string, argv: readonly string[]): Promise<CheckResult[]> {
  try {
    const { stdout } = await runCommand(argv);
    const lines = stdout.toString("utf8").trimEnd().split("\n");
    assert.notEqual(lines[0], "", "it printed nothing");
    return lines.map((line) => {
      const { name: check, problem } = JSON.parse(line) as { name: string; problem: string };
      return checkResult(`${name}: ${check}`, problem === "" ? null : problem);
    });
  } catch (error) {
    return [checkResult(name, error instanceof Error ? error.message : String(error))];
  }
}
