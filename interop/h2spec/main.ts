/** h2spec against one proxy, by hand: `node interop/h2spec/main.ts [--proxy envoy]`. */
import { parseArgs } from "node:util";
import type { ProxyKind } from "../harness/proxy-process.ts";
import { specCases } from "./run-h2spec.ts";

const { values } = parseArgs({ options: { proxy: { type: "string", default: "nuncio" } } });
const cases = await specCases(values.proxy as ProxyKind);
for (const { id, text, outcome, detail } of cases)
  if (outcome !== "passed") console.log(`${outcome} ${id} ${text}: ${detail}`);
const passed = cases.filter(({ outcome }) => outcome === "passed").length;
console.log(`${passed} of ${cases.length} passed`);
