import assert from "node:assert/strict";
import { test } from "node:test";
import { envoyTypes } from "../registry/envoy-types.ts";
import { didYouMean, nearest } from "./suggest.ts";
import { suggestType } from "./type-suggestion.ts";

test("the nearest word is found for the usual slips", () => {
  const words = ["prefix", "path", "safe_regex", "headers"];
  const slips = {
    prefx: "prefix",
    perfix: "prefix",
    prefixx: "prefix",
    Path: "path",
    safe_regx: "safe_regex",
  };
  for (const [slip, word] of Object.entries(slips)) assert.equal(nearest(slip, words), word, slip);
});

test("nothing is suggested for what is far off", () => {
  assert.equal(didYouMean("zzzzzz", ["prefix", "path"]), "");
  assert.equal(didYouMean("x", ["prefix"]), "");
  assert.equal(didYouMean("prefx", []), "");
});

test("types are suggested by their last part first", () => {
  const suggested = (name: string): string => suggestType(envoyTypes(), name);
  assert.equal(
    suggested("envoy.config.filter.http.router.v2.Router"),
    ', did you mean "envoy.extensions.filters.http.router.v3.Router"?',
  );
  assert.equal(
    suggested("envoy.config.cluster.v3.Clutser"),
    ', did you mean "envoy.config.cluster.v3.Cluster"?',
  );
  assert.equal(suggested("foo.Bar"), "");
});
