#!/usr/bin/env node
// Runs the Node that Nuncio is pinned to, with the arguments given: tests and tools use it.
import { useCompileCache } from "../packages/cli/bin/compile-cache.mjs";
import { execNode } from "../packages/cli/bin/exec-node.mjs";
import { findNode, thisHost } from "../packages/cli/bin/find-node.mjs";

useCompileCache();
const node = findNode(thisHost());
if ("error" in node) {
  process.stderr.write(`${node.error}\n`);
  process.exitCode = 1;
} else {
  execNode(node.path, process.argv.slice(2));
}
