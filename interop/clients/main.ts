/** The clients against one proxy, by hand: `node interop/clients/main.ts [--proxy envoy]`. */
import { parseArgs } from "node:util";
import type { ProxyKind } from "../harness/proxy-process.ts";
import { runClients } from "./run-clients.ts";

const { values } = parseArgs({ options: { proxy: { type: "string", default: "nuncio" } } });
const results = await runClients(values.proxy as ProxyKind);
for (const { name, outcome, detail } of results)
  console.log(`${outcome} ${name}${detail === "" ? "" : `: ${detail}`}`);
process.exitCode = results.some(({ outcome }) => outcome === "failed") ? 1 : 0;
