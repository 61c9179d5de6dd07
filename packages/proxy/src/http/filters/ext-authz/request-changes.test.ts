import assert from "node:assert/strict";
import { test } from "node:test";
import type { HeaderMap } from "@nuncio/codec";
import { sampleHeaders } from "../../../observe/format/sample-context.ts";
import type { HeaderLimits } from "../../header-limits.ts";
import type { ExtAuthzConfig } from "./model.ts";
import { changesRequest, RequestChanges, type Outcome } from "./request-changes.ts";
import type { HeaderChange, Verdict } from "./verdict.ts";

type Allowed = Extract<Verdict, { readonly kind: "ok" }>;

const NOTHING: Allowed = { kind: "ok", changes: [], remove: [], toClient: [] };

const NO_LIMITS = { maxHeadersCount: Infinity, maxHeadersKb: Infinity };

function apply(verdict: Partial<Allowed>, config: Partial<ExtAuthzConfig> = {}): HeaderMap | null {
  const headers = request();
  return outcome(headers, verdict, NO_LIMITS, config) === "applied" ? headers : null;
}

function request(): HeaderMap {
  return sampleHeaders(
    ":method",
    "GET",
    ":path",
    "/p?b=1&a=%20&b=2",
    ":authority",
    "h",
    "x-a",
    "1",
    "x-a",
    "2",
    "accept",
    "x",
  );
}

function outcome(
  headers: HeaderMap,
  verdict: Partial<Allowed>,
  limits: Partial<HeaderLimits>,
  config: Partial<ExtAuthzConfig> = {},
): Outcome {
  const changes = new RequestChanges({
    validatesMutations: false,
    headerRules: null,
    ...config,
  } as ExtAuthzConfig);
  return changes.apply({ ...NOTHING, ...verdict }, headers, { ...NO_LIMITS, ...limits });
}

function change(
  name: string,
  value: string,
  action: HeaderChange["action"] = "set",
): Partial<Allowed> {
  return { changes: [{ name, value, action }] };
}

void test("each action does what it says", () => {
  assert.deepEqual(apply(change("x-a", "n"))!.getAll("x-a"), ["n"]);
  assert.deepEqual(apply(change("x-a", "n", "add"))!.getAll("x-a"), ["1", "2", "n"]);
  assert.deepEqual(apply(change("x-a", "n", "join"))!.getAll("x-a"), ["1,n", "2"]);
  assert.equal(apply(change("x-n", "n", "join"))!.has("x-n"), false);
  assert.deepEqual(apply(change("x-a", "n", "add_if_absent"))!.getAll("x-a"), ["1", "2"]);
  assert.equal(apply(change("x-n", "n", "add_if_absent"))!.get("x-n"), "n");
  assert.equal(apply(change("x-n", "n", "overwrite_if_exists"))!.has("x-n"), false);
});

void test("pseudo headers and the Host change the request itself", () => {
  assert.equal(apply(change(":path", "/a b"))!.path, "/a%20b");
  assert.equal(apply(change("host", "other"))!.authority, "other");
  const same = apply({ remove: [":path", "host", "accept"] })!;
  assert.deepEqual(
    [same.path, same.authority, same.has("accept")],
    ["/p?b=1&a=%20&b=2", "h", false],
  );
  assert.equal(apply(change(":none", "x"))!.has(":none"), false);
});

void test("what cannot be sent is left out, or refused", () => {
  for (const [name, value] of [
    ["", "v"],
    ["a b", "v"],
    ["x-n", "a\r\nb: c"],
    ["x-n", "\0"],
  ] as const) {
    assert.equal(apply(change(name, value))!.entries.length, 6, name);
    assert.equal(apply(change(name, value), { validatesMutations: true }), null, name);
  }
  const toClient: readonly HeaderChange[] = [{ name: "a b", value: "v", action: "add" }];
  assert.equal(apply({ toClient }, { validatesMutations: true }), null);
  assert.notEqual(apply({ remove: ["a b"] }, { validatesMutations: true }), null);
});

void test("a change that makes the request larger than it may be is told from others", () => {
  const count = (maxHeadersCount: number, verdict: Partial<Allowed>): Outcome =>
    outcome(request(), verdict, { maxHeadersCount });
  assert.equal(count(6, change("x-n", "n")), "too_large");
  assert.equal(count(7, change("x-n", "n")), "applied");
  assert.equal(count(6, { ...change("x-n", "n"), remove: ["accept"] }), "too_large");
  // Whatever is larger before stays as it is until it is changed.
  for (const same of [{}, change("x-n", "n", "join"), { remove: ["host"] }])
    assert.equal(count(2, same), "applied");
  for (const other of [change("x-a", "n"), { remove: ["x-n"] }, { queryRemove: ["x"] }])
    assert.equal(count(2, other), "too_large");
  // `:authority`, `:method`, `:path`, `x-a` twice, `accept`, each with its value.
  const rest = 1024 - (11 + 10 + 21 + 4 + 4 + 7) - "x-n".length;
  const bytes = (length: number): Outcome =>
    outcome(request(), change("x-n", "n".repeat(length)), { maxHeadersKb: 1 });
  assert.deepEqual([bytes(rest), bytes(rest + 1)], ["applied", "too_large"]);
});

void test("parameters are set and removed by name, and come out sorted", () => {
  assert.equal(apply({ querySet: [["b", "3"]] })!.path, "/p?a=%20&b=3");
  assert.equal(apply({ queryRemove: ["b", "c"] })!.path, "/p?a=%20");
  assert.equal(apply({ queryRemove: ["a", "b"] })!.path, "/p");
  assert.equal(
    apply({ querySet: [["c", "x y#\r"]], queryRemove: ["a", "b"] })!.path,
    "/p?c=x%20y%23%0D",
  );
  assert.equal(apply({ querySet: [["c", "x y"]] }, { validatesMutations: true }), null);
});

void test("rules leave out what they forbid, or make it an error", () => {
  const rules = {
    disallowAll: true,
    disallowIsError: false,
    allowExpression: null,
    disallowExpression: null,
  };
  const headerRules = rules as unknown as NonNullable<ExtAuthzConfig["headerRules"]>;
  const same = apply({ ...change("x-a", "n"), remove: ["accept"] }, { headerRules })!;
  assert.deepEqual([same.getAll("x-a"), same.get("accept")], [["1", "2"], "x"]);
  const strict = { headerRules: { ...headerRules, disallowIsError: true } };
  assert.equal(apply(change("x-a", "n"), strict), null);
  assert.equal(apply({ remove: ["accept"] }, strict), null);
});

void test("another route is looked for when the request is another one", () => {
  const changes = (verdict: Partial<Allowed>, names: readonly string[] | null = null): boolean =>
    changesRequest({ ...NOTHING, ...verdict }, names);
  assert.equal(changes({ toClient: [{ name: "a", value: "b", action: "set" }] }), false);
  assert.equal(changes({ queryRemove: ["a"] }, []), true);
  assert.equal(changes(change("a", "b")), true);
  assert.equal(changes(change("a", "b", "add")), false);
  assert.equal(changes(change("a", "b"), ["b"]), false);
  assert.equal(changes(change("a", "b"), ["b", "a"]), true);
  assert.equal(changes({ remove: ["a"] }, ["b"]), false);
  assert.equal(changes({ remove: ["a"] }, ["a"]), true);
});
