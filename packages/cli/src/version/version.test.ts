import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { runNuncio } from "../testing/running-proxy.ts";

void test("prints the versions of what it is made of, as data", () => {
  const { status, stdout } = runNuncio(["version", "-o", "json"]);
  assert.equal(status, 0);
  const { gatewayApi, ...others } = JSON.parse(stdout) as Record<string, string>;
  assert.deepEqual(others, { nuncio: "0.1.0", envoyApi: "1.40.0", node: process.versions.node });
  // The schemas are those of the module that is pinned there.
  const pins = readFileSync(new URL("../../../../tools/protos/go.mod", import.meta.url), "utf8");
  assert.match(pins, new RegExp(`gateway-api v${gatewayApi}\\n`));
  assert.match(runNuncio(["version", "-o", "yaml"]).stdout, /^nuncio: 0\.1\.0$/m);
  assert.match(runNuncio(["version", "-o", "table"]).stdout, /^WHAT +VERSION\nnuncio +0\.1\.0\n/);
});
