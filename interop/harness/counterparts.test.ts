import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { counterpartVersion, findCounterpart } from "./counterparts.ts";
import { REPOSITORY } from "./repository.ts";

test("Envoy's version is the one that is installed, whatever its path says", (t) => {
  if (findCounterpart("envoy") === null) return t.skip("envoy is missing");
  const script = readFileSync(join(REPOSITORY, "interop", "install.sh"), "utf8");
  const [, pinned] = /^envoy_version=(.+)$/m.exec(script)!;
  assert.equal(counterpartVersion("envoy"), pinned);
});
