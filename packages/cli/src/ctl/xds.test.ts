import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { runNuncio, startNuncio } from "../testing/running-proxy.ts";

const EXTENSIONS = "type.googleapis.com/envoy.extensions.filters";

const LISTENER = (routes: string): string => `
version_info: "7"
resources:
- "@type": type.googleapis.com/envoy.config.listener.v3.Listener
  name: web
  address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
  filter_chains:
  - filters:
    - name: http
      typed_config:
        "@type": ${EXTENSIONS}.network.http_connection_manager.v3.HttpConnectionManager
        stat_prefix: web
        rds: { route_config_name: site, config_source: { resource_api_version: V3, path_config_source: { path: ${routes} } } }
        http_filters: [{ name: router, typed_config: { "@type": ${EXTENSIONS}.http.router.v3.Router } }]
- "@type": type.googleapis.com/envoy.config.listener.v3.Listener
  name: bad
  address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
`;

const ROUTES = `
version_info: "3"
resources:
- "@type": type.googleapis.com/envoy.config.route.v3.RouteConfiguration
  name: site
  virtual_hosts:
  - name: all
    domains: ["*"]
    routes: [{ name: hello, match: { prefix: / }, direct_response: { status: 200 } }]
`;

const BOOTSTRAP = (listeners: string): string => `
node: { id: one, cluster: two }
admin: { address: { socket_address: { address: 127.0.0.1, port_value: 0 } } }
dynamic_resources:
  lds_config: { resource_api_version: V3, path_config_source: { path: ${listeners} } }
`;

void test("tells what came from files, what was refused and why; explain knows the routes", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "nuncio-ctl-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const [config, listeners, routes] = ["proxy.yaml", "lds.yaml", "rds.yaml"].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  writeFileSync(config, BOOTSTRAP(listeners));
  writeFileSync(listeners, LISTENER(routes));
  writeFileSync(routes, ROUTES);
  const admin = await startNuncio(t, folder, config);
  const { status, stdout, stderr } = runNuncio(["ctl", "xds", "--admin", admin]);
  assert.equal(stderr, "");
  assert.match(stdout, /^Listener +web +ACKED +7 /m);
  assert.match(stdout, /^Listener +bad +NACKED .*no filter chains specified/m);
  assert.match(stdout, /^RouteConfiguration +site +ACKED +3 /m);
  assert.equal(status, 3);
  const bad = runNuncio(["ctl", "xds", "--admin", admin, "--bad", "--json"]);
  const names = [...bad.stdout.matchAll(/"name": "(web|bad|site)"/g)].map(([, name]) => name);
  assert.deepEqual(names, ["bad"]);
  const explained = runNuncio([
    "explain",
    "--admin",
    admin,
    "http://a/x",
    "--listener",
    "web",
    "--json",
  ]);
  assert.equal(explained.stderr, "");
  assert.match(explained.stdout, /"name": "hello"/);
  const unknown = runNuncio(["explain", "-c", config, "http://a/x"]);
  assert.equal(unknown.status, 1);
});

void test("answers a wrong use with one line", () => {
  assert.match(
    runNuncio(["ctl"]).stderr,
    /^nuncio: ctl: expected one of translate, .*, got none\n$/,
  );
  assert.match(runNuncio(["ctl", "xds", "--admin", "127.0.0.1:1"]).stderr, /no answer/);
});
