import assert from "node:assert/strict";
import { test } from "node:test";
import { dataPlaneCommand } from "./data-plane-command.ts";

const WANTED = {
  gateway: "ns/web",
  gatewayClass: "nuncio",
  dataPlane: "Envoy",
  addresses: [],
  ports: [],
  labels: {},
  annotations: {},
} as const;

const GIVEN = { envoyPath: "/bin/envoy", concurrency: 2, logLevel: "info" } as const;

function flagsOf(more: object, restartFlags: readonly string[] = []): string {
  const command = dataPlaneCommand(GIVEN, { ...WANTED, ...more }, "file", restartFlags).join(" ");
  return command.slice(command.indexOf(" -c ") + 1);
}

test("the data plane that is wanted runs", () => {
  const programOf = (dataPlane: "Nuncio" | "Envoy"): string =>
    dataPlaneCommand(GIVEN, { ...WANTED, dataPlane }, "file", [])[0]!;
  assert.equal(programOf("Nuncio"), process.execPath);
  assert.equal(programOf("Envoy"), "/bin/envoy");
});

test("what a NuncioProxy says goes before flags", () => {
  assert.equal(flagsOf({}), "-c file --concurrency 2 --log-level info");
  assert.equal(
    flagsOf({ concurrency: 1, logLevel: "debug", drainSeconds: 3 }),
    "-c file --concurrency 1 --log-level debug --drain-time-s 3",
  );
});

test("Nuncio and Envoy are told the same of hot restart", () => {
  const restartFlags = ["--base-id", "7", "--restart-epoch", "1"];
  for (const dataPlane of ["Nuncio", "Envoy"])
    assert.match(flagsOf({ dataPlane }, restartFlags), / --base-id 7 --restart-epoch 1$/);
});

test("Envoy alone is told to take expressions of any length, and to ask all connections to end at once", () => {
  const command = (dataPlane: "Nuncio" | "Envoy"): string =>
    dataPlaneCommand(GIVEN, { ...WANTED, dataPlane }, "file", []).join(" ");
  assert.match(command("Envoy"), /--config-yaml \S*"re2.max_program_size.error_level":4294967295/);
  assert.match(command("Envoy"), /--drain-strategy immediate/);
  assert.doesNotMatch(command("Nuncio"), /re2|strategy/);
});
