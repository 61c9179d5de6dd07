/** go-control-plane's driver against one proxy, by hand: `node interop/control-plane/main.ts [--proxy envoy] [--only delta]`. */
import { parseArgs } from "node:util";
import type { ProxyKind } from "../harness/proxy-process.ts";
import { runControlPlane } from "./run-control-plane.ts";

const { values } = parseArgs({
  options: {
    proxy: { type: "string", default: "nuncio" },
    /** Runs whose name contains it. */
    only: { type: "string", default: "" },
  },
});
const results = await runControlPlane(values.proxy as ProxyKind, ({ name }) =>
  name.includes(values.only),
);
for (const { name, outcome, detail } of results) console.log(`${outcome} ${name} ${detail}`.trim());
const passed = results.filter(({ outcome }) => outcome === "passed").length;
console.log(`${passed} of ${results.length} passed`);
process.exitCode = passed === results.length ? 0 : 1;
