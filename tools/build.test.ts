import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

const BUILD = fileURLToPath(new URL("build.ts", import.meta.url));
const CONFIG = `
static_resources:
  listeners:
    - name: hello
      address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
      filter_chains:
        - filters:
            - name: envoy.filters.network.direct_response
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.network.direct_response.v3.Config
                response: { inline_string: hello }
`;

// Outside of the repository: nothing of it may be needed.
const folder = mkdtempSync(path.join(os.tmpdir(), "nuncio-build-"));
after(() => rmSync(folder, { recursive: true }));

function node(...args: readonly string[]): {
  status: number | null;
  stdout: string;
  stderr: string;
} {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  return { status, stdout, stderr };
}

void test("the single-file build starts workers, reads its data, and validates", () => {
  const bundle = path.join(folder, "nuncio.mjs");
  assert.equal(node(BUILD, folder).status, 0);
  const yaml = ["--config-yaml", CONFIG, "--concurrency", "1"];
  const valid = node(bundle, "proxy", "--mode", "validate", ...yaml);
  assert.deepEqual(valid, { status: 0, stdout: "configuration '' OK\n", stderr: "" });
  const started = node(bundle, "proxy", "--mode", "init_only", "-l", "off", ...yaml);
  assert.deepEqual(started, { status: 0, stdout: "", stderr: "" });
  const help = node(bundle, "quickstart", "--help");
  assert.equal(help.status, 0);
});

void test("the build takes nothing away that is not its own", () => {
  const before = readdirSync(folder);
  const { status, stderr } = node(BUILD, folder);
  assert.equal(status, 1);
  assert.equal(stderr, `${folder}: expected an empty folder, or one that is not there yet\n`);
  assert.deepEqual(readdirSync(folder), before);
});

void test("the build takes no built-in module apart", () => {
  for (const name of readdirSync(folder).filter((file) => file.endsWith(".mjs"))) {
    assert.doesNotMatch(readFileSync(path.join(folder, name), "utf8"), /from\s*"node:/, name);
  }
});
