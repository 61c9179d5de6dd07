#!/usr/bin/env node
import { fileURLToPath } from "node:url";
import { useCompileCache } from "./compile-cache.mjs";
import { execNode } from "./exec-node.mjs";
import { findNode, thisHost } from "./find-node.mjs";

useCompileCache();
const main = new URL("../src/main.ts", import.meta.url);
const node = findNode(thisHost());
if ("error" in node) {
  process.stderr.write(`${node.error}\n`);
  process.exitCode = 1;
} else if (node.current) {
  await import(main.href);
} else {
  execNode(node.path, [fileURLToPath(main), ...process.argv.slice(2)]);
}
