/** What log services get of two proxies, by hand: `node interop/access-logs/main.ts [--left envoy] [--right nuncio]`. */
import { parseArgs } from "node:util";
import type { ProxyKind } from "../harness/proxy-process.ts";
import { runAccessLogs } from "./run-access-logs.ts";

const { values } = parseArgs({
  options: {
    left: { type: "string", default: "envoy" },
    right: { type: "string", default: "nuncio" },
  },
});
const results = await runAccessLogs(values.left as ProxyKind, values.right as ProxyKind);
for (const { name, outcome, detail } of results) console.log(`${outcome} ${name} ${detail}`.trim());
process.exitCode = results.every(({ outcome }) => outcome === "passed") ? 0 : 1;
