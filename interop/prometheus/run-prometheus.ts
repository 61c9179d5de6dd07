import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkResult, type CheckResult } from "../check.ts";
import { configText, placeCases } from "../diff/batch.ts";
import { parseCases } from "../diff/load-cases.ts";
import { runSteps } from "../diff/run-steps.ts";
import { Upstream } from "../diff/upstream.ts";
import { findCounterpart } from "../harness/counterparts.ts";
import { freePorts } from "../harness/free-ports.ts";
import { startProxy, type ProxyKind } from "../harness/proxy-process.ts";
import { makeTempFolder, removeTempFolder } from "../harness/temp-folder.ts";
import { until } from "../harness/until.ts";

const [CASE] = parseCases("cases: [{ name: stats, repeat: 3, request: GET / }]", "prometheus");
/** Histograms have values once they were flushed. */
const FLUSHED = /^envoy_http_downstream_rq_time_count.* [1-9]/m;

/** Metrics that must be there, with the labels of Envoy's tag extraction. The parser lets every counter end in _total. */
const EXPECTED: readonly string[] = [
  "envoy_cluster_upstream_rq_total{envoy_cluster_name}",
  "envoy_cluster_upstream_rq_xx_total{envoy_cluster_name,envoy_response_code_class}",
  "envoy_http_downstream_rq_total{envoy_http_conn_manager_prefix}",
  "envoy_listener_downstream_cx_total{envoy_listener_address}",
  "envoy_server_live{}",
  "envoy_http_downstream_rq_time{envoy_http_conn_manager_prefix}",
];

/** Parses standard input with the reference parser; prints each metric with its labels, one per line. */
const PARSER = `
import sys
from prometheus_client.parser import text_string_to_metric_families
text = sys.stdin.read()
declared = [line for line in text.split("\\n") if line.startswith("# TYPE ")]
for line in declared:
    if declared.count(line) > 1: sys.exit("%s stands twice" % line)
for family in text_string_to_metric_families(text):
    last = {}
    for s in family.samples:
        labels = tuple(sorted((k, v) for k, v in s.labels.items() if k != "le"))
        name = family.name if family.type == "histogram" else s.name
        print("%s{%s}" % (name, ",".join(k for k, v in labels)))
        if not s.name.endswith("_bucket"): continue
        if s.value < last.get(labels, 0): sys.exit("the buckets of %s are not cumulative" % family.name)
        last[labels] = s.value
`;

/** Feeds `/stats/prometheus` of a proxy that served something to the reference parser. */
export async function runPrometheus(kind: ProxyKind): Promise<CheckResult[]> {
  const { code, output } = parsePrometheus(await scrape(kind));
  const parsed = checkResult(
    "Prometheus text is accepted by prometheus_client",
    code === 0 ? null : output.slice(-400),
  );
  const families = new Set(output.split("\n"));
  return [
    parsed,
    ...EXPECTED.map((family) =>
      checkResult(
        `Prometheus text has ${family}`,
        families.has(family) ? null : closest(family, families),
      ),
    ),
  ];
}

/** Runs the parser; the output is the families, or the parser's complaint with a code other than 0. */
export function parsePrometheus(text: string): { code: number; output: string } {
  const python = findCounterpart("python");
  if (python === null) return { code: -1, output: "python3 is not installed" };
  const result = spawnSync(python, ["-c", PARSER], {
    input: text,
    encoding: "utf8",
    timeout: 60_000,
  });
  return { code: result.status ?? -1, output: `${result.stdout}${result.stderr}` };
}

/** Whether the reference parser is there. */
export function hasPrometheusParser(): boolean {
  return parsePrometheus("a 1\n").code === 0;
}

async function scrape(kind: ProxyKind): Promise<string> {
  const folder = makeTempFolder("prometheus");
  const [places] = await placeCases([CASE!], folder);
  const [adminPort] = (await freePorts(1)) as [number];
  const configFile = join(folder, "envoy.yaml");
  writeFileSync(configFile, configText([CASE!], [places!], adminPort));
  const upstream = new Upstream(undefined);
  await upstream.listen(places!.upstreamPorts.get("up")!);
  try {
    const proxy = await startProxy(kind, configFile, adminPort);
    try {
      for (const client of await runSteps(CASE!, places!, adminPort, [upstream])) client.discard();
      let text = "";
      await until("histograms are flushed", async () => {
        text = await proxy.admin("/stats/prometheus");
        return FLUSHED.test(text);
      });
      return text;
    } finally {
      await proxy.stop();
    }
  } finally {
    await upstream.close();
    removeTempFolder(folder);
  }
}

function closest(family: string, families: ReadonlySet<string>): string {
  const name = family.slice(0, family.indexOf("{"));
  const same = [...families].filter((other) => other.startsWith(`${name}{`));
  return same.length === 0 ? "no such metric" : `seen ${same.join(" and ")}`;
}
