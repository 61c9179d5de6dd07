import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "@nuncio/api";
import type { LayeredRuntime } from "@nuncio/api/types/envoy/config/bootstrap/v3/bootstrap_pb";
import { compileRuntime } from "./config.ts";
import type { RuntimeConfig } from "./layer.ts";

/** What YAML compiles to, with its problems as `severity path: message`. */
function compile(yaml: string): { config: RuntimeConfig; problems: string[] } {
  const { message, problems } = load<LayeredRuntime>("envoy.config.bootstrap.v3.LayeredRuntime", [
    { name: "r.yaml", content: yaml },
  ]);
  const config = compileRuntime(message, "cluster", { problems });
  return {
    config,
    problems: problems.list.map(
      ({ severity, path, message: text }) => `${severity} ${path}: ${text}`,
    ),
  };
}

void test("without a layer there is one of admin, without any of this there is none", () => {
  const expected = { layers: [{ kind: "admin", name: "" }] };
  assert.deepEqual(compile("layers: []").config, expected);
  const none = compileRuntime(undefined, "", { problems: null as never });
  assert.deepEqual(none, { layers: [] });
});

void test("layers are taken in order", () => {
  const { config, problems } = compile(`layers:
- { name: s, static_layer: { a: { b: 1 } } }
- { name: d, disk_layer: { symlink_root: /no-such-root, subdirectory: sub } }
- { name: c, disk_layer: { symlink_root: /no-such-root, subdirectory: sub, append_service_cluster: true } }
- { name: a, admin_layer: {} }
`);
  assert.deepEqual(problems, []);
  assert.deepEqual(config.layers, [
    {
      kind: "static",
      name: "s",
      values: new Map([["a.b", { raw: "1", uint: 1, double: 1, bool: true }]]),
    },
    { kind: "disk", name: "d", symlinkRoot: "/no-such-root", folder: "/no-such-root/sub" },
    { kind: "disk", name: "c", symlinkRoot: "/no-such-root", folder: "/no-such-root/sub/cluster" },
    { kind: "admin", name: "a" },
  ]);
});

void test("names are not given twice, admin has one layer, and values are values", () => {
  const { problems } = compile(`layers:
- { name: a, admin_layer: {} }
- { name: a, static_layer: { x: { y: [1] }, z: null } }
- { name: b, admin_layer: {} }
- { name: c, static_layer: { envoy.reloadable_features.x: true } }
`);
  assert.deepEqual(problems, [
    "error layers[1].name: Duplicate layer name: a",
    "error layers[2].admin_layer: Too many admin layers specified in LayeredRuntime, at most one may be specified",
    "error layers[1].static_layer: Invalid runtime entry value for x.y",
    "error layers[1].static_layer: Invalid runtime entry value for z",
    "warning layers[3].static_layer: runtime key envoy.reloadable_features.x has no effect: no such switch",
  ]);
});

void test("the root of a folder is waited for where it is to be", () => {
  const root = (path: string): string[] =>
    compile(`layers: [{ name: d, disk_layer: { symlink_root: "${path}" } }]`).problems;
  const place = "error layers[0].disk_layer.symlink_root";
  assert.deepEqual(root("/no-such-root"), []);
  assert.deepEqual(root("name"), [`${place}: invalid file path name`]);
  assert.deepEqual(root(""), [`${place}: invalid file path`]);
  const missing =
    "unable to add filesystem watch for file /no/such/root: No such file or directory";
  assert.deepEqual(root("/no/such/root"), [`${place}: ${missing}`]);
});
