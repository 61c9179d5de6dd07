#!/usr/bin/env node
import { fileURLToPath } from "node:url";
import { useCompileCache } from "./compile-cache.mjs";
import { execNode } from "./exec-node.mjs";
import { findNode, thisHost } from "./find-node.mjs";

useCompileCache();
// The manifest says where it is: the sources in a clone, the bundle in what is installed.
const main = import.meta.resolve("#main");
const node = findNode(thisHost());
if ("error" in node) {
  process.stderr.write(`${node.error}\n`);
  process.exitCode = 1;
} else if (node.current) {
  await import(main);
} else {
  execNode(node.path, [fileURLToPath(main), ...process.argv.slice(2)]);
}
