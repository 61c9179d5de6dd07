import assert from "node:assert/strict";
import os from "node:os";
import { test } from "node:test";
import { readFlags } from "../flags.ts";
import { PROXY_FLAGS } from "./flags.ts";
import { proxyOptions } from "./options.ts";

const read = (line: string): ReturnType<typeof proxyOptions> =>
  proxyOptions(readFlags(PROXY_FLAGS, line.split(" ")));

void test("defaults are Envoy's", () => {
  const options = read("-c a.yaml");
  assert.equal(options.configPath, "a.yaml");
  assert.equal(options.mode, "serve");
  assert.equal(options.concurrency, os.availableParallelism());
  assert.equal(options.logLevel, "info");
  assert.equal(options.drainTimeSeconds, 600);
  assert.equal(options.drainStrategy, "gradual");
  assert.equal(options.parentShutdownTimeSeconds, 900);
  assert.equal(options.fileFlushIntervalMs, 10_000);
  assert.equal(options.fileFlushMinKiB, 64);
  assert.equal(options.localAddressIpVersion, "v4");
  assert.equal(options.allowUnimplemented, false);
  assert.equal(options.restartEpoch, 0);
  assert.equal(options.baseId, 0);
  assert.equal(options.socketPath, "@nuncio_domain_socket");
  assert.equal(options.socketMode, 0o600);
});

void test("takes the flags of a usual Envoy command line", () => {
  const options = read(
    "--config-yaml {} --mode validate --concurrency 0 -l warn --component-log-level http:debug,upstream:trace " +
      "--service-node n --service-cluster c --service-zone z --drain-time-s 5 --drain-strategy immediate " +
      "--stats-tag env:prod --stats-tag team:a:b --base-id 3 --restart-epoch 2 --socket-path /run/n --socket-mode 640 --allow-unknown-fields",
  );
  assert.equal(options.mode, "validate");
  assert.equal(options.concurrency, 1);
  assert.equal(options.logLevel, "warning");
  assert.deepEqual(options.componentLogLevels, [
    { component: "http", level: "debug" },
    { component: "upstream", level: "trace" },
  ]);
  assert.deepEqual(
    [options.serviceNode, options.serviceCluster, options.serviceZone],
    ["n", "c", "z"],
  );
  assert.equal(options.drainTimeSeconds, 5);
  assert.equal(options.drainStrategy, "immediate");
  assert.deepEqual(options.statsTags, [
    { name: "env", value: "prod" },
    { name: "team", value: "a:b" },
  ]);
  assert.deepEqual([options.baseId, options.restartEpoch], [3, 2]);
  assert.deepEqual([options.socketPath, options.socketMode], ["/run/n", 0o640]);
  assert.equal(options.allowUnknownStaticFields, true);
});

const REFUSED: readonly (readonly [line: string, message: RegExp])[] = [
  ["--concurrency 2", /expected --config-path or --config-yaml, got neither/],
  ["-c a --mode check", /--mode: expected serve, validate, init_only; got "check"/],
  ["-c a --concurrency -1", /--concurrency: expected a number from 0 to 4294967295, got "-1"/],
  ["-c a --drain-time-s 4294967296", /--drain-time-s: expected a number .* got "4294967296"/],
  ["-c a -l loud", /--log-level: expected a level \(trace, .*\), got "loud"/],
  [
    "-c a --component-log-level http",
    /--component-log-level: expected component:level, got "http"/,
  ],
  [
    "-c a --component-log-level http:loud",
    /--component-log-level: expected a level .*, got "loud"/,
  ],
  ["-c a --local-address-ip-version v5", /--local-address-ip-version: expected v4, v6; got "v5"/],
  ["-c a --stats-tag env:a.b", /--stats-tag: expected name:value.* got "env:a.b"/],
  ["-c a --stats-tag env:a --stats-tag env:b", /--stats-tag: "env" is given more than once/],
  [
    "-c a --restart-epoch 1 --use-dynamic-base-id",
    /--use-dynamic-base-id: expected --restart-epoch 0 beside it, got 1/,
  ],
  ["-c a --socket-mode 900", /--socket-mode: expected an octal number such as 600, got "900"/],
  ["-c a --enable-core-dump", /--enable-core-dump: not implemented: core dumps/],
];

for (const [line, message] of REFUSED) {
  void test(`refuses ${line}`, () => {
    assert.throws(() => read(line), { name: "UsageError", message });
  });
}

void test("knows every flag of Envoy 1.40", () => {
  const names = new Set(PROXY_FLAGS.map(({ name }) => name));
  const missing = ENVOY_FLAGS.filter((name) => !names.has(name));
  assert.deepEqual(missing, []);
  assert.deepEqual(
    [...names].filter((name) => !ENVOY_FLAGS.includes(name)),
    ["allow-unimplemented"],
  );
});

/** What `envoy --help` of 1.40 lists. */
const ENVOY_FLAGS = [
  "stats-tag",
  "enable-core-dump",
  "socket-mode",
  "socket-path",
  "disable-extensions",
  "cpuset-threads",
  "enable-mutex-tracing",
  "disable-hot-restart",
  "mode",
  "parent-shutdown-time-s",
  "drain-strategy",
  "drain-time-s",
  "file-flush-min-size-kb",
  "file-flush-interval-msec",
  "service-zone",
  "service-node",
  "service-cluster",
  "hot-restart-version",
  "restart-epoch",
  "log-path",
  "enable-fine-grain-logging",
  "log-format-escaped",
  "log-format",
  "component-log-level",
  "log-level",
  "local-address-ip-version",
  "admin-address-path",
  "log-stacktrace-single-entry",
  "skip-deprecated-logs",
  "ignore-unknown-dynamic-fields",
  "reject-unknown-dynamic-fields",
  "allow-unknown-static-fields",
  "allow-unknown-fields",
  "config-yaml",
  "config-path",
  "concurrency",
  "base-id-path",
  "skip-hot-restart-parent-stats",
  "skip-hot-restart-on-no-parent",
  "use-dynamic-base-id",
  "base-id",
  "version",
  "help",
];
