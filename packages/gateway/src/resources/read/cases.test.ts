import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { formatResourceProblem } from "../problem.ts";
import { readResourceTree } from "./resource-tree.test-support.ts";

const folder = fileURLToPath(
  new URL("../../../../../../shared/cases/gateway-api/", import.meta.url),
);
const skip = existsSync(folder) ? false : "the folder shared/cases/gateway-api is not there";

/** What an API server refuses: these cases are there to reach what comes behind it. */
const refused = [
  "gateway-with-two-listeners-with-same-port-and-hostname.in.yaml:10:5 Gateway envoy-gateway/gateway-1: spec.listeners: Combination of port, protocol and hostname must be unique for each listener",
  "httproute-with-cors-filter.in.yaml:80:11 HTTPRoute default/httproute-cors-wildcard: spec.rules[0].filters[0].cors.allowMethods: AllowMethods cannot contain '*' alongside other methods",
  "httproute-with-query-match-diff-number.in.yaml:65:18 HTTPRoute default/httproute-2: spec.rules[0].matches[0].queryParams[0].value: expected a string, got the number 1234, which is a string in quotes only",
];

test(
  "the resources of Envoy Gateway's cases are right, but for those that are wrong on purpose",
  { skip },
  () => {
    const names = readdirSync(folder).filter((name) => name.endsWith(".in.yaml"));
    assert.equal(names.length, 64);
    const trees = names.map((name) =>
      readResourceTree(name, readFileSync(join(folder, name), "utf8")),
    );
    assert.deepEqual(
      trees.flatMap(({ problems }) => problems.map(formatResourceProblem)),
      refused,
    );
    const count = trees.reduce((sum, { resources }) => sum + resources.length, 0);
    assert.ok(count > 200, String(count));
  },
);
