import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { parse } from "yaml";
import { runNuncio, startNuncio } from "../testing/running-proxy.ts";
import { configParts, configRows } from "./config-rows.ts";

const EXAMPLE = new URL("../../../../examples/quickstart.yaml", import.meta.url);

void test("of a running proxy: a row for each resource, or all that it has", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "nuncio-config-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const config = join(folder, "proxy.yaml");
  const text = readFileSync(EXAMPLE, "utf8");
  writeFileSync(config, text.replace(/port_value: (10000|9901) /g, "port_value: 0 "));
  const admin = await startNuncio(t, folder, config);
  const ask = (...args: string[]): string => {
    const { status, stdout, stderr } = runNuncio(["ctl", "config", ...args, "--admin", admin]);
    assert.deepEqual([status, stderr], [0, ""]);
    return stdout;
  };
  const all = ask("all");
  assert.match(all, /^listener +web +static +- +\d{4}-.* 127\.0\.0\.1:0$/m);
  assert.match(all, /^route +\S+ +static +- .* 1 virtual hosts, \d+ routes$/m);
  assert.match(all, /^cluster +service_a +static/m);
  assert.match(all, /^endpoint +service_a +static .* 127\.0\.0\.1:10101$/m);
  const clusters = parse(ask("cluster", "-o", "yaml", "--name", "service_b")) as {
    configs: { static_clusters: { cluster: { name: string } }[] }[];
  };
  assert.deepEqual(
    clusters.configs.map((each) => each.static_clusters.map(({ cluster: { name } }) => name)),
    [["service_b"]],
  );
});

void test("tells states and what was refused", () => {
  const listener = { name: "a", address: { socket_address: { address: "::1", port_value: 1 } } };
  const dump = {
    configs: [
      {
        "@type": "type.googleapis.com/envoy.admin.v3.ListenersConfigDump",
        version_info: "3",
        dynamic_listeners: [
          {
            name: "a",
            active_state: { version_info: "2", listener, last_updated: "then" },
            warming_state: { version_info: "3", listener, last_updated: "now" },
            error_state: { version_info: "4", last_update_attempt: "later", details: "no\nway" },
          },
        ],
      },
      { "@type": "type.googleapis.com/envoy.admin.v3.RoutesConfigDump" },
      {
        "@type": "type.googleapis.com/envoy.admin.v3.SecretsConfigDump",
        dynamic_warming_secrets: [{ name: "s", secret: { name: "s", tls_certificate: {} } }],
      },
    ],
  };
  const rows = configParts(dump, ["listener", "route", "secret"]).flatMap(configRows);
  assert.deepEqual(
    rows.map((row) => Object.values(row).join("|")),
    [
      "listener|a|active|2|then|[::1]:1",
      "listener|a|warming|3|now|[::1]:1",
      "listener|a|refused|4|later|no; way",
      "secret|s|warming|-|-|tls_certificate",
    ],
  );
});

void test("answers a wrong use with one line", () => {
  const ask = (...args: string[]): string => runNuncio(["ctl", "config", ...args]).stderr;
  const expected = /^nuncio: expected one of all, bootstrap, listener, .*; got /;
  assert.match(ask(), expected);
  assert.match(ask("listeners"), expected);
  assert.match(ask("all", "listener"), expected);
  assert.match(ask("all", "--admin", "127.0.0.1:1"), /no answer/);
});
