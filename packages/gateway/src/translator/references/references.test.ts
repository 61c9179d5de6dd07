import assert from "node:assert/strict";
import { test } from "node:test";
import { StageOrder } from "../../incremental/stage-order.ts";
import { Stage, type Read } from "../../incremental/stage.ts";
import { Table } from "../../incremental/table.ts";
import type { Resource } from "../../resources/object.ts";
import { ResourceStore } from "../../resources/store.ts";
import { allowsNamespace } from "./allowed-namespaces.ts";
import { selectorProblem, selects } from "./label-selector.ts";
import { ReferenceGrants } from "./reference-grants.ts";

const FROM = { group: "gateway.networking.k8s.io", kind: "Gateway", namespace: "infra" };
const SECRET = { group: "", kind: "Secret", namespace: "web", name: "a" };

/** Something that is computed, and again when what it read is another. */
function asked<V>(question: (read: Read) => V) {
  const keys = new Table<true>("keys");
  const answers = new Stage<{ value: V }>({
    name: "answers",
    compute: (_, read) => ({ value: question(read) }),
  }).forEach(keys);
  keys.set("it", true);
  const order = new StageOrder([answers]);
  return () => {
    order.settle();
    return answers.peek("it")!.value;
  };
}

function grant(to: object, from: object = FROM): Resource {
  const shape = {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "ReferenceGrant",
    metadata: { name: "g", namespace: "web" },
    spec: { from: [from], to: [to] },
  };
  return shape;
}

test("a reference across namespaces needs a grant, and ends with it", () => {
  const store = new ResourceStore();
  const grants = new ReferenceGrants(store);
  const answer = asked((read) => grants.permits(read, FROM, SECRET));
  assert.equal(answer(), false);
  for (const [given, expected] of [
    [grant({ group: "", kind: "Secret" }), true],
    [grant({ group: "", kind: "Secret", name: "b" }), false],
    [grant({ group: "", kind: "Secret", name: "a" }), true],
    [grant({ group: "", kind: "ConfigMap" }), false],
    [grant({ group: "x", kind: "Secret" }), false],
    [grant({ group: "", kind: "Secret" }, { ...FROM, kind: "HTTPRoute" }), false],
    [grant({ group: "", kind: "Secret" }, { ...FROM, namespace: "other" }), false],
    [grant({ group: "", kind: "Secret" }), true],
  ] as const) {
    store.put(given);
    assert.equal(answer(), expected, JSON.stringify(given));
  }
  store.remove("ReferenceGrant", "web/g");
  assert.equal(answer(), false);
});

test("within a namespace nothing is needed", () => {
  const grants = new ReferenceGrants(new ResourceStore());
  const answer = asked((read) => grants.permits(read, FROM, { ...SECRET, namespace: "infra" }));
  assert.equal(answer(), true);
});

test("requirements of selectors", () => {
  const labels = { app: "web", tier: "1" };
  const one = (key: string, operator: string, values?: string[]) => ({
    matchExpressions: [{ key, operator, ...(values === undefined ? {} : { values }) }],
  });
  assert.equal(selects({}, labels), true);
  assert.equal(selects({ matchLabels: { app: "web" } }, labels), true);
  assert.equal(selects({ matchLabels: { app: "web", tier: "2" } }, labels), false);
  assert.equal(selects(one("app", "In", ["a", "web"]), labels), true);
  assert.equal(selects(one("none", "In", ["a"]), labels), false);
  assert.equal(selects(one("app", "NotIn", ["web"]), labels), false);
  assert.equal(selects(one("none", "NotIn", ["a"]), labels), true);
  assert.equal(selects(one("app", "Exists"), labels), true);
  assert.equal(selects(one("constructor", "Exists"), labels), false);
  assert.equal(selects(one("app", "DoesNotExist"), labels), false);
  assert.equal(selects(one("app", "Is", ["web"]), labels), false);
  assert.match(selectorProblem(one("app", "Is")) ?? "", /operator of app: .* got Is/);
  assert.match(selectorProblem(one("app", "In")) ?? "", /expected values, got none/);
  assert.match(selectorProblem(one("app", "Exists", ["a"])) ?? "", /expected no values, got a/);
});

test("keys and values of selectors are those of labels", () => {
  const problem = (key: string, value: string) =>
    selectorProblem({ matchLabels: { [key]: value } });
  const long = "a".repeat(63);
  for (const key of ["app", "Tier_1.x", long, `example.com/${long}`, "a-b.c/d"]) {
    assert.equal(problem(key, ""), undefined);
    assert.equal(problem(key, long), undefined);
    assert.equal(problem(key, "Web-1_2.3"), undefined);
  }
  for (const key of ["", "-a", "a b", "a/b/c", "/a", "a/", "Example.com/a", `${long}a`])
    assert.match(problem(key, "web") ?? "", /^expected a key such as .*, got "/, key);
  for (const value of ["*.example.com", "-", "web.", "a b", `${long}a`])
    assert.match(
      problem("app", value) ?? "",
      /^value of app: expected at most 63 .*, got "/,
      value,
    );
  const one = (key: string, operator: string, ...values: string[]) =>
    selectorProblem({ matchExpressions: [{ key, operator, values }] });
  assert.match(one("app", "NotIn", "web", "*.example.com") ?? "", /got "\*\.example\.com"$/);
  assert.match(one("app", "In", "a/b") ?? "", /^value of app: .* got "a\/b"$/);
  assert.equal(one("app", "In", "web", ""), undefined);
  assert.match(one("a b", "Exists") ?? "", /^expected a key/);
  assert.equal(
    selects({ matchExpressions: [{ key: "app", operator: "NotIn", values: ["*"] }] }, {}),
    false,
  );
});

test("namespaces by their labels, of which the name is one", () => {
  const store = new ResourceStore();
  const selector = (matchLabels: Record<string, string>) =>
    asked((read) =>
      allowsNamespace(read, store, { from: "Selector", selector: { matchLabels } }, "web"),
    );
  const byLabel = selector({ open: "yes" });
  assert.equal(byLabel(), false);
  assert.equal(selector({ "kubernetes.io/metadata.name": "web" })(), true);
  store.put({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: "web", labels: { open: "yes" } },
  });
  assert.equal(byLabel(), true);
  const from = (allowed: Parameters<typeof allowsNamespace>[2]) =>
    asked((read) => allowsNamespace(read, store, allowed, "web"))();
  assert.equal(from({ from: "All" }), true);
  assert.equal(from({ from: "None" }), false);
  assert.equal(from({ from: "Same", namespace: "web" }), true);
  assert.equal(from({ from: "Same", namespace: "infra" }), false);
});
