/** A proxy under the project's management server, by hand: `node interop/xds/main.ts [--proxy envoy]`. */
import { parseArgs } from "node:util";
import type { ProxyKind } from "../harness/proxy-process.ts";
import { runXdsServer } from "./run-xds-server.ts";

const { values } = parseArgs({ options: { proxy: { type: "string", default: "nuncio" } } });
const results = await runXdsServer(values.proxy as ProxyKind);
for (const { name, outcome, detail } of results) console.log(`${outcome} ${name} ${detail}`.trim());
process.exitCode = results.some(({ outcome }) => outcome === "failed") ? 1 : 0;
