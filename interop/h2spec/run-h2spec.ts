import { readFileSync } from "node:fs";
import { join } from "node:path";
import { checkResult, type CheckResult } from "../check.ts";
import { Upstream } from "../diff/upstream.ts";
import { runToEnd } from "../harness/child-process.ts";
import { findCounterpart } from "../harness/counterparts.ts";
import { freePorts } from "../harness/free-ports.ts";
import type { ProxyKind } from "../harness/proxy-process.ts";
import { makeTempFolder, removeTempFolder } from "../harness/temp-folder.ts";
import { clusterConfig, connectionManager, loopback } from "../harness/typed-config.ts";
import { withProxy } from "../harness/with-proxy.ts";
import { readJunit, type SpecCase } from "./junit.ts";

const ENDS_WITHIN_MS = 240_000;
const ANSWER_WITHIN_S = 2;
/** In strict mode. Fewer mean that h2spec did not get through. */
const CASES = 146;

/** h2spec's strict cases against a listener without TLS, behind which an upstream of HTTP/1 answers. */
export async function runH2spec(kind: ProxyKind): Promise<CheckResult[]> {
  const cases = await specCases(kind);
  const all = cases.length === CASES ? null : `expected ${CASES} cases, seen ${cases.length}`;
  return [
    ...cases.map(({ id, text, outcome, detail }) =>
      checkResult(`h2spec ${id}`, outcome === "passed" ? null : `${text}: ${outcome}: ${detail}`),
    ),
    checkResult("h2spec ran all cases", all),
  ];
}

/** What h2spec says about a proxy, case by case. Throws when it does not come to an end. */
export async function specCases(kind: ProxyKind): Promise<SpecCase[]> {
  const h2spec = findCounterpart("h2spec");
  if (h2spec === null) throw new Error("h2spec is not installed");
  const [port, upstreamPort] = (await freePorts(2)) as [number, number];
  const folder = makeTempFolder("h2spec");
  const upstream = new Upstream([{ body: "hello from the upstream" }]);
  await upstream.listen(upstreamPort);
  // AUTO would answer an invalid preface in HTTP/1.1.
  const manager = connectionManager("h2", { route: { cluster: "up" } }, { codec_type: "HTTP2" });
  const listener = {
    name: "h2",
    address: loopback(port),
    filter_chains: [{ filters: [manager] }],
  };
  const resources = {
    listeners: [listener],
    clusters: [clusterConfig("up", upstreamPort, "http1")],
  };
  const report = join(folder, "junit.xml");
  const target = ["-h", "127.0.0.1", "-p", String(port), "-o", String(ANSWER_WITHIN_S)];
  try {
    return await withProxy(kind, resources, async () => {
      const { output } = await runToEnd([h2spec, ...target, "-S", "-j", report], ENDS_WITHIN_MS);
      return readReport(report, output);
    });
  } finally {
    await upstream.close();
    removeTempFolder(folder);
  }
}

function readReport(file: string, output: string): SpecCase[] {
  try {
    return readJunit(readFileSync(file, "utf8"));
  } catch {
    throw new Error(`h2spec wrote no report: ${output.slice(-400)}`);
  }
}
