import assert from "node:assert/strict";
import { test } from "node:test";
import { compareVerdicts } from "./run-verdicts.ts";

const accepts = { accepts: true, output: "" };
const refuses = (...lines: string[]) => ({ accepts: false, output: lines.join("\n") });
const notYet = { names: ["envoy.a.v3.Lua"] };
const LUA = "envoy.yaml:3:4 http_filters[0]: not implemented yet: envoy.a.v3.Lua";

test("equal verdicts pass, whatever is said", () => {
  assert.equal(compareVerdicts(accepts, accepts, notYet, new Set()), null);
  assert.equal(compareVerdicts(refuses("x"), refuses("y"), notYet, new Set()), null);
});

test("a refusal of what is listed passes and uses the entry", () => {
  const used = new Set<string>();
  assert.equal(compareVerdicts(accepts, refuses(LUA), notYet, used), null);
  assert.deepEqual([...used], ["envoy.a.v3.Lua"]);
});

test("a refusal of anything else beside it fails", () => {
  assert.match(
    compareVerdicts(accepts, refuses(LUA, "envoy.yaml:9:1 x: no"), notYet, new Set()) ?? "",
    /envoy.yaml:9:1/,
  );
  const longer = refuses("envoy.yaml:3:4 x: not implemented yet: envoy.a.v3.LuaPerRoute");
  assert.match(compareVerdicts(accepts, longer, notYet, new Set()) ?? "", /LuaPerRoute/);
});

test("what Envoy refuses must be refused", () => {
  assert.match(
    compareVerdicts(refuses("bad"), accepts, notYet, new Set()) ?? "",
    /Envoy refuses it: bad/,
  );
});
