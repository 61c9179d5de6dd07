import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, watch } from "node:fs";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { whenReady } from "../quickstart/when-ready.ts";

/** The file that starts the command. */
export const LAUNCHER: string = fileURLToPath(new URL("../../bin/nuncio.mjs", import.meta.url));

/** What a command said. */
export interface CommandResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `nuncio ARGS...` to its end. */
export function runNuncio(args: readonly string[]): CommandResult {
  return spawnSync(process.execPath, [LAUNCHER, ...args], { encoding: "utf8" });
}

/** Starts `nuncio proxy` with a configuration in `folder`; it ends with the test. Resolves to its admin's address. */
export async function startNuncio(t: TestContext, folder: string, config: string): Promise<string> {
  const addressPath = join(folder, "admin");
  const listening = addressOf(addressPath);
  const flags = ["--concurrency", "1", "--admin-address-path", addressPath];
  const proxy = spawn(process.execPath, [LAUNCHER, "proxy", "-c", config, ...flags], {
    stdio: "ignore",
  });
  const exit = once(proxy, "exit");
  t.after(async () => {
    proxy.kill("SIGTERM");
    await exit;
  });
  const admin = await listening;
  if (!(await whenReady(Number(admin.split(":")[1]), AbortSignal.timeout(10_000))))
    throw new Error("the proxy did not get ready");
  return admin;
}

/** The address in a file, once it is there. */
async function addressOf(path: string): Promise<string> {
  const watcher = watch(dirname(path));
  try {
    for (;;) {
      const text = existsSync(path) ? readFileSync(path, "utf8") : "";
      if (text !== "") return text;
      await once(watcher, "change");
    }
  } finally {
    watcher.close();
  }
}
