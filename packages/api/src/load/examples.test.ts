import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { toBinary } from "@bufbuild/protobuf";
import { formatProblem } from "../format-problem.ts";
import { envoyTypes } from "../registry/envoy-types.ts";
import { toJson } from "../to-json.ts";
import { validate } from "../validate/validate.ts";
import { load } from "./load.ts";

const folder = fileURLToPath(
  new URL("../../../../../shared/cases/envoy-examples/", import.meta.url),
);
const skip = existsSync(folder) ? false : "the folder shared/cases/envoy-examples is not there";
const typeName = "envoy.config.bootstrap.v3.Bootstrap";

/** Files that are no bootstrap: parts that others include, and answers of a discovery service. */
const notBootstrap = /_include|\.tmpl\./;

test("every bootstrap of Envoy's examples loads, is valid and serializes", { skip }, () => {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
    (name) => /\.(ya?ml|json)$/.test(name) && !notBootstrap.test(name),
  );
  assert.ok(files.length >= 35, `only ${files.length} files`);
  for (const name of files) {
    const loaded = load(typeName, [{ name, content: readFileSync(join(folder, name)) }]);
    validate(loaded);
    const errors = loaded.problems.list.filter(({ severity }) => severity === "error");
    assert.deepEqual(errors.map(formatProblem), [], name);
    const again = load(typeName, [
      { name: `${name}.pb`, content: toBinary(envoyTypes().getMessage(typeName)!, loaded.message) },
    ]);
    assert.deepEqual(toJson(again.message), toJson(loaded.message), name);
  }
});
