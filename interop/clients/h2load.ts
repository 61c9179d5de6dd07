import assert from "node:assert/strict";
import { attempt, type CheckResult } from "../check.ts";
import { findCounterpart } from "../harness/counterparts.ts";
import { runCommand } from "./command.ts";
import type { Fronts } from "./fronts.ts";

const REQUESTS = 3_000;
const BYTES = 1_000;

/** h2load: many streams on few connections; all succeed, and bring all bytes. */
export function checkH2load({ toHttp1, toHttp2, certificate }: Fronts): Promise<CheckResult[]> {
  const scheme = certificate === null ? "http" : "https";
  const runs = [
    ["HTTP/2 to HTTP/1.1", toHttp1, []],
    ["HTTP/2 to HTTP/2", toHttp2, []],
    ["HTTP/1.1 to HTTP/2", toHttp2, ["--h1"]],
  ] as const;
  return Promise.all(
    runs.map(([name, port, flags]) =>
      attempt(`h2load ${scheme}, ${name}`, async () => {
        const load = ["-n", String(REQUESTS), "-c", "5", "-m", "20", ...flags];
        const url = `${scheme}://localhost:${port}/bytes/${BYTES}`;
        const { stdout } = await runCommand([findCounterpart("h2load")!, ...load, url]);
        checkSums(stdout.toString("latin1"));
      }),
    ),
  );
}

function checkSums(text: string): void {
  const requests = /^requests: .*$/m.exec(text)?.[0] ?? text.slice(-400);
  assert.match(
    requests,
    new RegExp(` ${REQUESTS} done, ${REQUESTS} succeeded, 0 failed, 0 errored, 0 timeout`),
  );
  assert.match(text, new RegExp(`^status codes: ${REQUESTS} 2xx, 0 3xx, 0 4xx, 0 5xx`, "m"));
  const data = Number(/\((\d+)\) data/.exec(text)?.[1]);
  assert.equal(data, REQUESTS * BYTES);
}
