import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { runAccessLogs } from "./access-logs/run-access-logs.ts";
import { runBadInput } from "./bad-input/run-bad-input.ts";
import { checkResult, missingCheck, type CheckResult, type Part } from "./check.ts";
import { runClients } from "./clients/run-clients.ts";
import { runControlPlane } from "./control-plane/run-control-plane.ts";
import { loadExplanations } from "./diff/explanations.ts";
import { loadCases } from "./diff/load-cases.ts";
import { renderReport } from "./diff/report.ts";
import { CASES_FOLDER, runDiff } from "./diff/run-diff.ts";
import { runEtcd } from "./etcd/run-etcd.ts";
import { runExamples } from "./examples/run-examples.ts";
import { runFuzz } from "./fuzz/run-fuzz.ts";
import { runGateway } from "./gateway/run-gateway.ts";
import { runH2spec } from "./h2spec/run-h2spec.ts";
import { runToEnd } from "./harness/child-process.ts";
import { findCounterpart } from "./harness/counterparts.ts";
import { REPOSITORY, sharedCases } from "./harness/repository.ts";
import { runHotRestart } from "./hot-restart/run-hot-restart.ts";
import { runHttp1 } from "./http1/run-http1.ts";
import { runPackage } from "./package/run-package.ts";
import { hasPrometheusParser, runPrometheus } from "./prometheus/run-prometheus.ts";
import { renderRandomReport } from "./random/report.ts";
import { RANDOM_SECONDS, envoyAndNuncio, randomSeed, runRandom } from "./random/run-random.ts";
import { runUpdates } from "./updates/run-updates.ts";
import { NOT_YET_FILE, readNotYet, runVerdicts } from "./verdicts/run-verdicts.ts";
import { runGrpcClients } from "./xds/grpc/run-grpc-clients.ts";
import { runXdsServer } from "./xds/run-xds-server.ts";

const TESTS_WITHIN_MS = 180_000;

/** In the order in which they run: first that the harness itself is right, then what it says about Nuncio. */
const PARTS: readonly Part[] = [
  { name: "harness", run: runHarnessTests },
  { name: "diff", run: diff },
  { name: "random", run: random },
  { name: "verdicts", run: verdicts },
  { name: "examples", run: examples },
  { name: "http1", run: http1 },
  { name: "h2spec", run: h2spec },
  { name: "clients", run: () => runClients("nuncio") },
  { name: "hot-restart", run: () => runHotRestart() },
  { name: "updates", run: () => runUpdates("nuncio") },
  { name: "prometheus", run: prometheus },
  { name: "xds", run: xds },
  { name: "access-logs", run: accessLogs },
  { name: "control-plane", run: () => runControlPlane("nuncio") },
  { name: "gateway", run: runGateway },
  { name: "etcd", run: runEtcd },
  { name: "completion", run: completion },
  { name: "package", run: runPackage },
  { name: "fuzz", run: runFuzz },
  { name: "bad-input", run: runBadInput },
];

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    "no-install": { type: "boolean", default: false },
    /** Of the part `random`: how long it looks for differences, in how many batches at most, and what it begins with. */
    seconds: { type: "string", default: String(RANDOM_SECONDS) },
    batches: { type: "string", default: String(Infinity) },
    seed: { type: "string" },
  },
});
process.exitCode = await main();

/** Runs the parts and prints what failed or was skipped; the last line is `N passed, N failed`. */
async function main(): Promise<number> {
  if (!values["no-install"]) install();
  const parts = PARTS.filter(({ name }) => values.only === undefined || name === values.only);
  if (parts.length === 0) {
    console.error(
      `no part is called ${values.only}; there are ${PARTS.map(({ name }) => name).join(", ")}`,
    );
    return 2;
  }
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const { name, run } of parts) {
    const startMs = performance.now();
    const results = await runPart(name, run);
    for (const result of results) counts[result.outcome] += 1;
    printPart(name, results, performance.now() - startMs);
  }
  if (counts.skipped > 0) console.log(`${counts.skipped} skipped`);
  console.log(`${counts.passed} passed, ${counts.failed} failed`);
  return counts.failed === 0 ? 0 : 1;
}

/** A part that throws is a failure of its own, and the others still run. */
async function runPart(name: string, run: Part["run"]): Promise<CheckResult[]> {
  try {
    return await run();
  } catch (error) {
    return [checkResult(name, error instanceof Error ? error.message : String(error))];
  }
}

function printPart(name: string, results: readonly CheckResult[], tookMs: number): void {
  const passed = results.filter(({ outcome }) => outcome === "passed").length;
  console.log(`${name}: ${passed} of ${results.length} passed in ${(tookMs / 1000).toFixed(0)} s`);
  for (const { name: check, outcome, detail } of results) {
    if (outcome !== "passed")
      console.log(`  ${outcome}: ${check}${detail === "" ? "" : `: ${detail}`}`);
  }
}

/** Where nothing can be installed the parts say by name what they miss. */
function install(): void {
  const result = spawnSync(join(import.meta.dirname, "install.sh"), { stdio: "inherit" });
  if (result.status !== 0) console.log("some counterparts are missing");
}

async function runHarnessTests(): Promise<CheckResult[]> {
  const command = [
    process.execPath,
    "--test",
    "--test-reporter=dot",
    "interop/**/*.test.ts",
    "bench/**/*.test.ts",
  ];
  const { code, output } = await runToEnd(command, TESTS_WITHIN_MS, { cwd: REPOSITORY });
  return [checkResult("the harness's own tests", code === 0 ? null : output.slice(-4_000))];
}

/** Tests of the project that are skipped where a shell is missing. */
async function completion(): Promise<CheckResult[]> {
  for (const shell of ["zsh", "fish"] as const)
    if (findCounterpart(shell) === null) return [missingCheck("completion", shell)];
  const file = "packages/cli/src/completion/real-shells.test.ts";
  const command = [process.execPath, "--test", "--test-reporter=dot", file];
  const { code, output } = await runToEnd(command, TESTS_WITHIN_MS, { cwd: REPOSITORY });
  return [checkResult("completion in zsh and fish", code === 0 ? null : output.slice(-4_000))];
}

async function diff(): Promise<CheckResult[]> {
  if (findCounterpart("envoy") === null) return [missingCheck("diff", "envoy")];
  const explanations = loadExplanations(join(CASES_FOLDER, "..", "explained.yaml"));
  const results = await runDiff(loadCases(CASES_FOLDER), {
    left: "envoy",
    right: "nuncio",
    explanations,
  });
  const unused = explanations.unused();
  console.log(renderReport(results, unused, { left: "envoy", right: "nuncio" }));
  return [
    ...results.map(({ name, unexplained }) =>
      checkResult(
        `diff ${name}`,
        unexplained.length === 0 ? null : `${unexplained.length} differences, see above`,
      ),
    ),
    ...unused.map(({ reason }) =>
      checkResult(`diff explanation: ${reason}`, "there is no such difference"),
    ),
  ];
}

async function random(): Promise<CheckResult[]> {
  if (findCounterpart("envoy") === null) return [missingCheck("random", "envoy")];
  const seed = values.seed === undefined ? randomSeed() : Number(values.seed);
  const result = await runRandom({
    ...envoyAndNuncio(),
    seed,
    seconds: Number(values.seconds),
    shrinkSeconds: RANDOM_SECONDS,
    batches: Number(values.batches),
  });
  console.log(renderRandomReport(result));
  const found = result.found.filter(({ confirmed }) => confirmed);
  return [
    checkResult(
      `random seed ${seed}`,
      found.length === 0 ? null : `${found.length} kinds of differences, see above`,
    ),
  ];
}

async function verdicts(): Promise<CheckResult[]> {
  const folder = sharedCases("envoy-examples");
  if (folder === null)
    return [
      { name: "verdicts", outcome: "skipped", detail: "../shared/cases/envoy-examples is missing" },
    ];
  if (findCounterpart("envoy") === null) return [missingCheck("verdicts", "envoy")];
  return runVerdicts(folder, readNotYet(NOT_YET_FILE));
}

async function examples(): Promise<CheckResult[]> {
  const folder = sharedCases("envoy-examples");
  if (folder === null)
    return [
      { name: "examples", outcome: "skipped", detail: "../shared/cases/envoy-examples is missing" },
    ];
  return findCounterpart("openssl") === null
    ? [missingCheck("examples", "openssl")]
    : runExamples("nuncio", folder);
}

async function accessLogs(): Promise<CheckResult[]> {
  for (const counterpart of ["envoy", "openssl"] as const)
    if (findCounterpart(counterpart) === null) return [missingCheck("access logs", counterpart)];
  return runAccessLogs("envoy", "nuncio");
}

async function http1(): Promise<CheckResult[]> {
  const file = sharedCases("http1-cases.json");
  if (file === null)
    return [
      { name: "http1", outcome: "skipped", detail: "../shared/cases/http1-cases.json is missing" },
    ];
  return runHttp1("nuncio", file);
}

async function h2spec(): Promise<CheckResult[]> {
  return findCounterpart("h2spec") === null
    ? [missingCheck("h2spec", "h2spec")]
    : runH2spec("nuncio");
}

async function prometheus(): Promise<CheckResult[]> {
  return hasPrometheusParser()
    ? runPrometheus("nuncio")
    : [missingCheck("prometheus", "prometheus_client")];
}

async function xds(): Promise<CheckResult[]> {
  const underServer =
    findCounterpart("envoy") === null
      ? [missingCheck("xds", "envoy")]
      : await runXdsServer("envoy");
  return [...underServer, ...(await runXdsServer("nuncio")), ...(await runGrpcClients())];
}
