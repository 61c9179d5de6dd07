import { load } from "@nuncio/api";
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ProxyOptions } from "../options.ts";
import { commandLineOptionsJson } from "./command-line-options.ts";

const OPTIONS: ProxyOptions = {
  configPath: "a.yaml",
  configYaml: "",
  mode: "serve",
  allowUnimplemented: false,
  concurrency: 2,
  logLevel: "info",
  componentLogLevels: [
    { component: "upstream", level: "debug" },
    { component: "http", level: "off" },
  ],
  logFormat: "",
  logFormatEscaped: false,
  logPath: "",
  adminAddressPath: "",
  serviceCluster: "c",
  serviceNode: "n",
  serviceZone: "",
  localAddressIpVersion: "v4",
  statsTags: [{ name: "a", value: "b" }],
  drainTimeSeconds: 600,
  drainStrategy: "gradual",
  fileFlushIntervalMs: 250,
  fileFlushMinKiB: 64,
  allowUnknownStaticFields: false,
  rejectUnknownDynamicFields: false,
  ignoreUnknownDynamicFields: false,
  skipDeprecatedLogs: false,
  baseId: 7,
  useDynamicBaseId: false,
  baseIdPath: "",
  parentShutdownTimeSeconds: 900,
  disableHotRestart: true,
  cpusetThreads: false,
};

describe("commandLineOptionsJson", () => {
  it("is a CommandLineOptions message", () => {
    const json = commandLineOptionsJson(OPTIONS);
    const source = { name: "options.json", content: JSON.stringify(json) };
    const { problems } = load("envoy.admin.v3.CommandLineOptions", [source]);
    assert.deepEqual(problems.list, []);
    assert.equal(json["component_log_level"], "upstream:debug,http:off");
    assert.equal(json["file_flush_interval"], "0.250s");
    assert.equal(json["base_id"], "7");
    assert.deepEqual(json["stats_tag"], ["a:b"]);
  });
});
