import assert from "node:assert/strict";
import { test } from "node:test";
import { formatResourceProblem } from "../problem.ts";
import { placeOf } from "./origin.ts";
import { defaultReadLimits } from "./read-limits.ts";
import { readResources } from "./read-resources.ts";
import type { ReadResult } from "./read-resources.ts";

function read(content: string | Uint8Array, limits = {}, name = "routes.yaml"): ReadResult {
  return readResources({ name, content }, { ...defaultReadLimits, ...limits });
}

function names({ resources }: ReadResult): string[] {
  return resources.map(({ resource: { kind, metadata } }) =>
    [kind, metadata.namespace, metadata.name].filter((part) => part !== undefined).join(" "),
  );
}

function problems({ problems: list }: ReadResult): string[] {
  return list.map(formatResourceProblem);
}

const route = (name: string, rules = "[{}]"): string => `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: ${name}
spec:
  rules: ${rules}
`;
const service =
  "apiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: ns}\nspec:\n  ports:\n  - port: 80\n";

test("a file holds documents, and lists of objects", () => {
  const result = read(`${service}---
apiVersion: v1
kind: List
items:
- ${"apiVersion: v1\nkind: Namespace\nmetadata: {name: ns}".replaceAll("\n", "\n  ")}
- apiVersion: gateway.networking.k8s.io/v1
  kind: HTTPRouteList
  items:
  - ${route("a").trim().replaceAll("\n", "\n    ")}
---
`);
  assert.deepEqual(problems(result), []);
  assert.deepEqual(names(result), ["Service ns s", "Namespace ns", "HTTPRoute default a"]);
  assert.equal(result.complete, true);
});

test("JSON is read as well", () => {
  const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c" }, data: { a: "1" } };
  assert.deepEqual(names(read(JSON.stringify(object, null, 2), {}, "c.json")), [
    "ConfigMap default c",
  ]);
  assert.deepEqual(names(read(JSON.stringify(object))), ["ConfigMap default c"]);
});

test("problems have the place of the field, and of its key where it is unknown", () => {
  const result = read(`# routes
${route("a", "\n  - matchs: []\n    backendRefs:\n    - {name: s, port: 80, weight: -1}")}`);
  assert.deepEqual(problems(result), [
    'routes.yaml:8:5 HTTPRoute default/a: spec.rules[0].matchs: unknown field, did you mean "matches"?',
    "routes.yaml:10:35 HTTPRoute default/a: spec.rules[0].backendRefs[0].weight: expected 0 or more, got -1",
  ]);
  assert.deepEqual(result.refused, [
    { group: "gateway.networking.k8s.io", kind: "HTTPRoute", namespace: "default", name: "a" },
  ]);
});

test("rules in CEL have the place of their value", () => {
  const result = read(route("a", "\n  - matches:\n    - path:\n        value: a//b\n"));
  const start = "routes.yaml:9:9 HTTPRoute default/a: spec.rules[0].matches[0].path: ";
  assert.deepEqual(problems(result), [
    `${start}value must be an absolute path and start with '/' when type one of ['Exact', 'PathPrefix']`,
    `${start}must not contain '//' when type one of ['Exact', 'PathPrefix']`,
  ]);
});

test("one bad object stops no other one", () => {
  const result = read([route("a", "x"), service, route("b", "["), route("c")].join("---\n"));
  assert.deepEqual(names(result), ["Service ns s", "HTTPRoute default c"]);
  assert.equal(result.complete, false);
  assert.equal(result.refused.length, 1);
  assert.deepEqual(problems(result), [
    'routes.yaml:6:10 HTTPRoute default/a: spec.rules: expected a list, got the string "x"',
    'routes.yaml:20:10: "[" without its "]"',
  ]);
});

test("a file that is half written says so", () => {
  const whole = `${service}---\n${route("a", '\n  - name: "b"')}`;
  const half = read(whole.slice(0, whole.indexOf('b"') + 1));
  assert.equal(half.complete, false);
  assert.deepEqual(names(half), ["Service ns s"]);
  assert.match(problems(half)[0] ?? "", /^routes\.yaml:14:11: .*without/);
});

test("kinds that are not read: those of Gateway API are an error, those of others a warning", () => {
  const object = (apiVersion: string, kind: string): string =>
    `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: x}\n`;
  const result = read(
    [
      object("gateway.networking.k8s.io/v1", "HTTPRout"),
      object("gateway.networking.k8s.io/v1alpha2", "HTTPRoute"),
      object("gateway.networking.x-k8s.io/v1alpha1", "XMesh"),
      object("apps/v1", "Deployment"),
      object("serving.knative.dev/v1", "Service"),
      object("networking.istio.io/v1", "Gateway"),
      object("gateway.networkin.k8s.io/v1", "Gateway"),
      "kind: Service\n",
      "apiVersion: v1\n",
      "just text\n",
    ].join("---\n"),
  );
  assert.deepEqual(problems(result), [
    'routes.yaml:2:7 HTTPRout x: kind: unknown kind "HTTPRout" of "gateway.networking.k8s.io/v1", did you mean "HTTPRoute"?',
    'routes.yaml:5:13 HTTPRoute default/x: apiVersion: unknown version "gateway.networking.k8s.io/v1alpha2" of HTTPRoute, expected "gateway.networking.k8s.io/v1" or "gateway.networking.k8s.io/v1beta1"',
    'routes.yaml:10:7 XMesh x: kind: unknown kind "XMesh" of "gateway.networking.x-k8s.io/v1alpha1"',
    'warning: routes.yaml:14:7 Deployment x: kind: kind Deployment of "apps/v1" is not read',
    'warning: routes.yaml:17:13 Service x: apiVersion: kind Service of "serving.knative.dev/v1" is not read, only that of "v1"',
    'warning: routes.yaml:21:13 Gateway x: apiVersion: kind Gateway of "networking.istio.io/v1" is not read, only that of "gateway.networking.k8s.io/v1"',
    'routes.yaml:25:13 Gateway x: apiVersion: unknown group "gateway.networkin.k8s.io" of Gateway, did you mean "gateway.networking.k8s.io"?',
    'routes.yaml:29:1 Service default/: apiVersion: expected a version such as "gateway.networking.k8s.io/v1", got nothing',
    'routes.yaml:31:1: kind: expected a kind such as "HTTPRoute", got nothing',
    'routes.yaml:33:1: expected an object of Kubernetes, got the string "just text"',
  ]);
});

test("keys that are there twice, and scalars as Kubernetes reads them", () => {
  const twice = read(`${service}  ports: []\n`);
  assert.deepEqual(problems(twice), ['routes.yaml:7:3 Service ns/s: key "ports" is there twice']);
  const map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: ";
  assert.match(
    problems(read(`${map}yes}`))[0] ?? "",
    /4:11 .*got the boolean true, which is a string in quotes only$/,
  );
  assert.match(problems(read(`${map}1.5}`))[0] ?? "", /got the number 1\.5/);
  assert.match(problems(read(`${map}1_000}`))[0] ?? "", /got the number 1000/);
  assert.match(problems(read(`${map}0o17}`))[0] ?? "", /got the number 15/);
  assert.deepEqual(problems(read(`${map}2026-01-01}`)), []);
});

test("versions that are older become the newest, and tell so", () => {
  const old = `apiVersion: gateway.networking.k8s.io/v1alpha2
kind: TCPRoute
metadata: {name: t}
spec: {rules: [{backendRefs: [{name: s, port: 80}]}]}
`;
  const result = read(old);
  assert.equal(result.resources[0]?.resource.apiVersion, "gateway.networking.k8s.io/v1");
  assert.match(
    problems(result)[0] ?? "",
    /^warning: routes\.yaml:1:13 TCPRoute default\/t: apiVersion: The v1alpha2 version/,
  );
});

test("an object tells the place of its fields later, also when it is in a list", () => {
  const list = `# a comment\n---\n${service}---\nkind: List\napiVersion: v1\nitems:\n- ${route("a", "\n  - name: r").trim().replaceAll("\n", "\n  ")}\n`;
  const { resources } = read(list);
  const [first, second] = resources;
  assert.ok(first !== undefined && second !== undefined);
  const place = (line: number, column: number): object => ({ file: "routes.yaml", line, column });
  assert.deepEqual(placeOf(first.origin, ["spec", "ports", 0, "port"]), place(8, 5));
  assert.deepEqual(placeOf(second.origin, ["spec", "rules", 0, "name"]), place(19, 7));
  assert.deepEqual(placeOf(second.origin, ["spec", "rules", 0, "matches", 0]), place(19, 7));
});

test("bounds: bytes, documents, depth, aliases, and text that is no UTF-8", () => {
  const size = Buffer.byteLength(service);
  assert.deepEqual(names(read(service, { fileBytesMax: size })), ["Service ns s"]);
  assert.deepEqual(problems(read(service, { fileBytesMax: size - 1 })), [
    `routes.yaml:1:1: expected at most ${size - 1} bytes, got ${size}`,
  ]);
  const many = read([service, route("a"), route("b")].join("---\n"), { documentsPerFileMax: 2 });
  assert.deepEqual(names(many), ["Service ns s", "HTTPRoute default a"]);
  assert.equal(many.complete, false);
  assert.match(problems(many)[0] ?? "", /^routes\.yaml:14:1: expected at most 2 documents$/);
  assert.match(problems(read(service, { depthMax: 3 }))[0] ?? "", /nested deeper than 3 levels/);
  const few = read([route("a", "x"), route("b", "x"), route("c", "x")].join("---\n"), {
    problemsPerFileMax: 1,
  });
  assert.equal(few.refused.length, 3);
  assert.deepEqual(problems(few).slice(1), [
    "routes.yaml:13:10: more than 1 problems, the others are not told",
  ]);
  const alias = "a: &a [1, 2, 3]\nb: [*a, *a, *a]\n";
  assert.match(
    problems(read(alias, { aliasNodesMax: 5 }))[0] ?? "",
    /aliases stand for more than 5 values/,
  );
  assert.deepEqual(problems(read(Uint8Array.of(0x61, 0xff))), [
    "routes.yaml:1:1: expected text in UTF-8",
  ]);
});

test("nothing but comments is nothing", () => {
  assert.deepEqual(read("# nothing\n---\n---\nnull\n"), {
    resources: [],
    problems: [],
    refused: [],
    complete: true,
  });
});
