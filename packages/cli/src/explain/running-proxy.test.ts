import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { runNuncio, startNuncio } from "../testing/running-proxy.ts";

const EXAMPLE = new URL("../../../../examples/quickstart.yaml", import.meta.url);

void test("asks a running proxy: its ports, its hosts, and the lines of its file", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "nuncio-explain-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const config = join(folder, "running.yaml");
  writeFileSync(
    config,
    readFileSync(EXAMPLE, "utf8").replace(/port_value: (10000|9901) /g, "port_value: 0 "),
  );
  const admin = await startNuncio(t, folder, config);
  // What the file says later is not what runs.
  writeFileSync(config, "");
  const { status, stdout, stderr } = runNuncio([
    "explain",
    "--admin",
    admin,
    "http://localhost/hello",
    "-H",
    "x-canary: true",
    "--json",
  ]);
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
