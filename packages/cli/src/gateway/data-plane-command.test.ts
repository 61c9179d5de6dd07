import assert from "node:assert/strict";
import { test } from "node:test";
import { dataPlaneCommand } from "./data-plane-command.ts";

const WANTED = {
  gateway: "ns/web",
  gatewayClass: "nuncio",
  addresses: [],
  ports: [],
  labels: {},
  annotations: {},
};

test("a NuncioProxy says which data plane runs, and flags what runs where it does not", () => {
  const programOf = (flag: "nuncio" | "envoy", ofResource?: "Nuncio" | "Envoy"): string => {
    const given = { dataPlane: flag, envoyPath: "/bin/envoy", concurrency: 2, logLevel: "info" };
    const wanted = ofResource === undefined ? WANTED : { ...WANTED, dataPlane: ofResource };
    return dataPlaneCommand(given, wanted, "file")[0]!;
  };
  assert.equal(programOf("nuncio"), process.execPath);
  assert.equal(programOf("envoy"), "/bin/envoy");
  assert.equal(programOf("envoy", "Nuncio"), process.execPath);
  assert.equal(programOf("nuncio", "Envoy"), "/bin/envoy");
});

test("its other values go before flags, too", () => {
  const given = {
    dataPlane: "envoy",
    envoyPath: "envoy",
    concurrency: 2,
    logLevel: "info",
  } as const;
  const flags = (more: object) => dataPlaneCommand(given, { ...WANTED, ...more }, "f").slice(6);
  assert.equal(flags({}).join(" "), "-c f --concurrency 2 --log-level info");
  assert.equal(
    flags({ concurrency: 1, logLevel: "debug", drainSeconds: 3 }).join(" "),
    "-c f --concurrency 1 --log-level debug --drain-time-s 3",
  );
});

test("Envoy alone is told to take expressions of any length, and to ask all connections to end at once", () => {
  const command = (dataPlane: "nuncio" | "envoy"): string => {
    const given = { dataPlane, envoyPath: "envoy", concurrency: 1, logLevel: "info" };
    return dataPlaneCommand(given, WANTED, "file").join(" ");
  };
  assert.match(command("envoy"), /--config-yaml \S*"re2.max_program_size.error_level":4294967295/);
  assert.match(command("envoy"), /--drain-strategy immediate/);
  assert.doesNotMatch(command("nuncio"), /re2|strategy/);
});
