import assert from "node:assert/strict";
import { test } from "node:test";
import { formatProblem } from "./format-problem.ts";
import { checkImplemented, mergeImplemented } from "./implemented.ts";
import { load } from "./load/load.ts";

const bootstrap = "envoy.config.bootstrap.v3.Bootstrap";
const table = mergeImplemented([
  {
    [bootstrap]: ["static_resources"],
    "envoy.config.bootstrap.v3.Bootstrap.StaticResources": "all",
  },
  {
    [bootstrap]: ["node"],
    "envoy.config.cluster.v3.Cluster": ["name", "connect_timeout", "transport_socket"],
  },
  { "envoy.config.core.v3.TransportSocket": "all" },
]);

function problems(content: string, allowUnimplemented = false): string[] {
  const loaded = load(bootstrap, [{ name: "e.yaml", content }]);
  checkImplemented(loaded.message, table, loaded.problems, { allowUnimplemented });
  return loaded.problems.list.map(formatProblem);
}

test("parts are joined, also for the same type", () => {
  assert.deepEqual(table.get(bootstrap), new Set(["static_resources", "node"]));
  const all = mergeImplemented([
    { [bootstrap]: ["node"] },
    { [bootstrap]: "all" },
    { [bootstrap]: ["admin"] },
  ]);
  assert.equal(all.get(bootstrap), "all");
});

test("a table with a type or field that does not exist is refused", () => {
  assert.throws(() => mergeImplemented([{ "envoy.config.cluster.v3.Clusterr": "all" }]), {
    message:
      'no type named "envoy.config.cluster.v3.Clusterr", did you mean "envoy.config.cluster.v3.Cluster"?',
  });
  assert.throws(() => mergeImplemented([{ [bootstrap]: ["node", "staticResources"] }]), {
    message: `no field named "staticResources" in ${bootstrap}, did you mean "static_resources"?`,
  });
});

test("set fields that are not in the table are reported by name and place", () => {
  const text =
    "static_resources:\n  clusters:\n  - name: a\n    connect_timeout: 1s\n    lb_policy: MAGLEV\n    respect_dns_ttl: true\nadmin: {}\n";
  assert.deepEqual(problems(text), [
    "e.yaml:5:16 static_resources.clusters[0].lb_policy: not implemented yet: envoy.config.cluster.v3.Cluster.lb_policy",
    "e.yaml:6:22 static_resources.clusters[0].respect_dns_ttl: not implemented yet: envoy.config.cluster.v3.Cluster.respect_dns_ttl",
    `e.yaml:7:8 admin: not implemented yet: ${bootstrap}.admin`,
  ]);
});

test("a type that is not in the table is one problem, in an Any too", () => {
  const listener =
    "static_resources: {listeners: [{name: a, address: {socket_address: {address: b}}}]}";
  assert.deepEqual(problems(listener), [
    "e.yaml:1:32 static_resources.listeners[0]: not implemented yet: envoy.config.listener.v3.Listener",
  ]);
  const tls = "envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext";
  const socket = (config: string): string =>
    `static_resources: {clusters: [{name: a, transport_socket: {name: t, typed_config: {${config}}}}]}`;
  assert.deepEqual(
    problems(socket(`"@type": t/${tls}, sni: a, common_tls_context: {alpn_protocols: [h2]}`)),
    [
      `e.yaml:1:83 static_resources.clusters[0].transport_socket.typed_config: not implemented yet: ${tls}`,
    ],
  );
  const struct = `"@type": t/xds.type.v3.TypedStruct, type_url: t/${tls}, value: {sni: a}`;
  assert.match(
    problems(socket(struct))[0] ?? "none",
    new RegExp(`typed_config.value: not implemented yet: ${tls}$`),
  );
  const plugin = '"@type": t/xds.type.v3.TypedStruct, type_url: t/some.Plugin';
  assert.match(
    problems(socket(plugin))[0] ?? "none",
    /typed_config: not implemented yet: xds\.type\.v3\.TypedStruct$/,
  );
});

test("with allowUnimplemented they are warnings", () => {
  const text = "admin: {}";
  assert.deepEqual(problems(text, true), [
    `warning: e.yaml:1:8 admin: not implemented yet: ${bootstrap}.admin`,
  ]);
});

test("what is implemented has no problems", () => {
  assert.deepEqual(
    problems(
      "static_resources: {clusters: [{name: a, connect_timeout: 5s, transport_socket: {name: t}}]}",
    ),
    [],
  );
});
