import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { runNuncio, startNuncio } from "../testing/running-proxy.ts";

const EXTENSIONS = "type.googleapis.com/envoy.extensions.filters";
const ROUTE = "type.googleapis.com/envoy.config.route.v3";

function file(path: string): string {
  return `{ resource_api_version: V3, path_config_source: { path: ${path} } }`;
}

const BOOTSTRAP = (scopes: string, routes: string): string => `
node: { id: one, cluster: two }
admin: { address: { socket_address: { address: 127.0.0.1, port_value: 0 } } }
static_resources:
  listeners:
  - name: web
    address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
    filter_chains:
    - filters:
      - name: http
        typed_config:
          "@type": ${EXTENSIONS}.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: web
          scoped_routes:
            name: tenants
            scope_key_builder: { fragments: [{ header_value_extractor: { name: x-tenant, index: 0 } }] }
            rds_config_source: ${file(routes)}
            scoped_rds: { scoped_rds_config_source: ${file(scopes)} }
          http_filters: [{ name: router, typed_config: { "@type": ${EXTENSIONS}.http.router.v3.Router } }]
`;

const SCOPES = `
version_info: "5"
resources:
- { "@type": ${ROUTE}.ScopedRouteConfiguration, name: a, route_configuration_name: site, key: { fragments: [{ string_key: acme }] } }
- { "@type": ${ROUTE}.ScopedRouteConfiguration, name: b, key: { fragments: [{ string_key: blue }] }, route_configuration: { name: own } }
`;

const ROUTES = `
version_info: "6"
resources:
- "@type": ${ROUTE}.RouteConfiguration
  name: site
  virtual_hosts:
  - name: all
    domains: ["*"]
    routes: [{ name: hello, match: { prefix: / }, direct_response: { status: 200 } }]
`;

void test("explains requests by scopes that came from elsewhere, and shows them in the dump", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "nuncio-scopes-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const [config, scopes, routes] = ["proxy.yaml", "srds.yaml", "rds.yaml"].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  writeFileSync(config, BOOTSTRAP(scopes, routes));
  writeFileSync(scopes, SCOPES);
  writeFileSync(routes, ROUTES);
  const admin = await startNuncio(t, folder, config);
  const explain = (tenant: string): string => {
    const request = ["http://a/x", "-H", `x-tenant: ${tenant}`, "--listener", "web"];
    const { stdout, stderr } = runNuncio(["explain", "--admin", admin, ...request, "--json"]);
    assert.equal(stderr, "");
    return stdout;
  };
  assert.match(explain("acme"), /"name": "hello"/);
  assert.match(explain("acme"), /"key": \[\s*"acme"\s*\],\s*"found": true/);
  assert.match(explain("blue"), /"found": true/);
  assert.doesNotMatch(explain("blue"), /"name": "hello"/);
  assert.match(explain("nobody"), /"found": false/);
  const offline = runNuncio(["explain", "-c", config, "http://a/x"]);
  assert.match(offline.stderr, /the scopes come by SRDS: a running proxy can tell/);
  const answer = await fetch(`http://${admin}/config_dump?resource=dynamic_scoped_route_configs`);
  const { configs } = (await answer.json()) as {
    configs: { name: string; version_info: string; scoped_route_configs: { name: string }[] }[];
  };
  assert.deepEqual(
    configs.map(({ name, version_info: version, scoped_route_configs: all }) => [
      name,
      version,
      all.map((scope) => scope.name),
    ]),
    [["tenants", "5", ["a", "b"]]],
  );
});
