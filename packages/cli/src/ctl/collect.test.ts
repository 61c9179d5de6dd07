import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { runNuncio, startNuncio, type CommandResult } from "../testing/running-proxy.ts";

const EXAMPLE = new URL("../../../../examples/quickstart.yaml", import.meta.url);

async function running(t: TestContext): Promise<{ folder: string; admin: string }> {
  const folder = mkdtempSync(join(tmpdir(), "nuncio-collect-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const config = join(folder, "proxy.yaml");
  const text = readFileSync(EXAMPLE, "utf8");
  writeFileSync(config, text.replace(/port_value: (10000|9901) /g, "port_value: 0 "));
  return { folder, admin: await startNuncio(t, folder, config) };
}

void test("stats: those that are wanted, as a table, as data, and as they are", async (t) => {
  const { admin } = await running(t);
  const stats = (...flags: string[]): CommandResult =>
    runNuncio(["ctl", "stats", "--admin", admin, ...flags]);
  const table = stats("--filter", "^envoy_(server|http)_").stdout;
  assert.match(table, /^NAME +LABELS +VALUE\n/);
  assert.match(table, /^envoy_server_concurrency +- +1$/m);
  assert.match(table, /^envoy_http_downstream_rq_total +envoy_http_conn_manager_prefix=\S+ +0$/m);
  assert.doesNotMatch(table, /^envoy_cluster|_bucket /m);
  assert.doesNotMatch(stats("--used").stdout, / 0$/m);
  const { stats: all } = JSON.parse(stats("-o", "json", "--filter", "_bucket$").stdout) as {
    stats: { type: string; labels: { le: string } }[];
  };
  assert.ok(all.length > 0 && all.every(({ type, labels }) => type === "histogram" && labels.le));
  assert.match(stats("-o", "prometheus").stdout, /^# TYPE envoy_server_concurrency gauge$/m);
  const both = stats("-o", "prometheus", "--used");
  assert.deepEqual(
    [both.status, both.stderr],
    [1, "nuncio: --output: prometheus takes neither --filter nor --used\n"],
  );
  assert.match(stats("--filter", "(").stderr, /^nuncio: --filter: Invalid regular expression/);
});

void test("collect: what each process tells, and who does not answer", async (t) => {
  const { folder, admin } = await running(t);
  const report = join(folder, "report");
  const nobody = "http://127.0.0.1:1";
  const flags = ["--admin", admin, "--gateway-admin", "none"];
  const whole = runNuncio(["ctl", "collect", report, ...flags]);
  assert.deepEqual(
    [whole.status, whole.stdout, whole.stderr],
    [0, `${admin}: ${join(report, "proxy")}\n`, ""],
  );
  assert.deepEqual(readdirSync(report), ["collected.json", "proxy"]);
  const read = (file: string): string => readFileSync(join(report, "proxy", file), "utf8");
  assert.equal((JSON.parse(read("config_dump.json")) as { configs: [] }).configs.length > 3, true);
  assert.match(read("stats.prom"), /^envoy_server_live\{\} 1$/m);
  const again = runNuncio(["ctl", "collect", report, ...flags]);
  assert.deepEqual(
    [again.status, again.stderr],
    [1, `nuncio: mkdir ${report}: is there already\n`],
  );
  const other = join(folder, "other");
  const half = runNuncio([
    "ctl",
    "collect",
    other,
    ...flags.slice(2),
    "--admin",
    nobody,
    ...flags.slice(0, 2),
  ]);
  assert.equal(half.status, 1);
  assert.match(
    half.stderr,
    /other\/proxy\/server_info\.json: http:\/\/127\.0\.0\.1:1: no answer \(ECONNREFUSED\)\n$/,
  );
  assert.ok(readdirSync(join(other, "proxy-2")).includes("clusters.json"));
});
