import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { LAUNCHER } from "./testing/running-proxy.ts";

const GATEWAY = `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: web }
spec: { gatewayClassName: nuncio, listeners: [{ name: http, protocol: HTTP, port: 8080 }] }
`;

/** What a command that loses its reader ends with, and what it says on the other stream. */
async function lose(stream: "stdout" | "stderr", args: readonly string[]): Promise<unknown[]> {
  const child: ChildProcess = spawn(process.execPath, [LAUNCHER, ...args]);
  const other = child[stream === "stdout" ? "stderr" : "stdout"]!;
  let said = "";
  other.setEncoding("utf8").on("data", (text: string) => (said += text));
  child[stream]!.destroy();
  const [code, signal] = (await once(child, "close")) as unknown[];
  return [code, signal, said];
}

void test("a command whose reader has gone ends without a word", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "nuncio-pipe-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "gateway.yaml");
  writeFileSync(file, GATEWAY);
  const commands = [
    ["ctl", "translate", "--to", "xds", "-f", file],
    ["ctl", "status", "-f", file],
    ["completion", "bash"],
    ["man", "ctl", "translate"],
    ["help"],
    ["gateway", "run", "--resources", file, "--admin-port", "0"],
  ];
  for (const args of commands) {
    const [code, signal, said] = await lose("stdout", args);
    assert.deepEqual([code, signal], [141, null], args.join(" "));
    assert.doesNotMatch(said as string, /EPIPE|at /, args.join(" "));
  }
  assert.deepEqual(await lose("stderr", ["proxxy"]), [141, null, ""]);
});
