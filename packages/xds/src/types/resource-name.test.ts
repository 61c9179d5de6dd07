import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  canonicalResourceName,
  formatXdstpName,
  isXdstpName,
  parseXdstpName,
} from "./resource-name.ts";

const CLUSTER = "envoy.config.cluster.v3.Cluster";

test("an xdstp name comes apart", () => {
  const name = parseXdstpName(`xdstp://cp.example/${CLUSTER}/team/a?zone=b&rack=1#alt=xdstp://x/y`);
  assert.equal(name?.authority, "cp.example");
  assert.equal(name?.type, CLUSTER);
  assert.equal(name?.id, "team/a");
  assert.deepEqual(Object.fromEntries(name?.contextParams ?? []), { zone: "b", rack: "1" });
});

test("other names are opaque", () => {
  for (const name of [
    "",
    "*",
    "local",
    "xdstp:/x",
    "xdstp://",
    "xdstp://only-authority",
    "http://a/b",
  ])
    assert.equal(parseXdstpName(name), undefined, name);
  assert.equal(isXdstpName("cluster"), false);
  assert.equal(canonicalResourceName("cluster?b=1&a=2"), "cluster?b=1&a=2");
});

test("a name with a broken escape is not one", () => {
  assert.equal(parseXdstpName(`xdstp://a/${CLUSTER}/%zz`), undefined);
  assert.equal(parseXdstpName(`xdstp://a/${CLUSTER}/b?%zz=1`), undefined);
});

test("names that differ in the order of parameters and in directives are the same", () => {
  const one = canonicalResourceName(`xdstp://a/${CLUSTER}/b?y=2&x=1#entry=3`);
  assert.equal(one, `xdstp://a/${CLUSTER}/b?x=1&y=2`);
  assert.equal(canonicalResourceName(`xdstp://a/${CLUSTER}/b?x=1&y=2`), one);
});

test("a collection keeps its star", () => {
  assert.equal(canonicalResourceName(`xdstp://a/${CLUSTER}/*`), `xdstp://a/${CLUSTER}/*`);
});

test("what is formatted is parsed to the same parts", () => {
  const part = fc.string({ minLength: 1, unit: "grapheme" });
  const params = fc.uniqueArray(fc.tuple(part, fc.string()), { selector: ([key]) => key });
  fc.assert(
    fc.property(fc.string(), part, fc.string(), params, (authority, type, id, pairs) => {
      const name = { authority, type, id, contextParams: new Map(pairs) };
      const parsed = parseXdstpName(formatXdstpName(name));
      assert.deepEqual({ ...parsed }, name);
    }),
  );
});

test("half a character in a name is not an error", () => {
  const name = canonicalResourceName(`xdstp://a/${CLUSTER}/\ud800`);
  assert.equal(name, `xdstp://a/${CLUSTER}/%EF%BF%BD`);
});
