import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { whenReady } from "../quickstart/when-ready.ts";

const LAUNCHER = fileURLToPath(new URL("../../bin/nuncio.mjs", import.meta.url));
const EXAMPLE = new URL("../../../../examples/quickstart.yaml", import.meta.url);

void test("asks a running proxy: its ports, its hosts, and the lines of its file", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "nuncio-explain-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const config = join(folder, "running.yaml");
  writeFileSync(
    config,
    readFileSync(EXAMPLE, "utf8").replace(/port_value: (10000|9901) /g, "port_value: 0 "),
  );
  const listening = adminOf(join(folder, "admin"));
  const proxy = spawn(
    process.execPath,
    [
      LAUNCHER,
      "proxy",
      "-c",
      config,
      "--concurrency",
      "1",
      "--admin-address-path",
      join(folder, "admin"),
    ],
    { stdio: "ignore" },
  );
  const exit = once(proxy, "exit");
  t.after(async () => {
    proxy.kill("SIGTERM");
    await exit;
  });
  const admin = await listening;
  assert.ok(await whenReady(Number(admin.split(":")[1]), AbortSignal.timeout(10_000)));
  // What the file says later is not what runs.
  writeFileSync(config, "");
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      LAUNCHER,
      "explain",
      "--admin",
      admin,
      "http://localhost/hello",
      "-H",
      "x-canary: true",
      "--json",
    ],
    { encoding: "utf8" },
  );
  assert.deepEqual([status, stderr], [0, ""]);
  const { listener, outcomes } = JSON.parse(stdout) as {
    listener: { address: string };
    outcomes: {
      route: { name: string; place: { file: string; line: number } };
      upstream: { endpoints: { address: string; health: string }[] }[];
    }[];
  };
  assert.match(listener.address, /^127\.0\.0\.1:[1-9]\d*$/);
  const { route, upstream } = outcomes[0]!;
  assert.deepEqual([route.name, route.place.file], ["canary", config]);
  assert.ok(route.place.line > 1);
  assert.deepEqual(
    upstream[0]!.endpoints.map(({ address, health }) => [address, health]),
    [["127.0.0.1:10102", "healthy"]],
  );
});

/** The address in a file, once it is there. */
async function adminOf(path: string): Promise<string> {
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
