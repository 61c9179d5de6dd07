// node interop/gateway/settings/main.ts: other settings for processes of Gateways, alone.
import { checkSettings } from "./check-settings.ts";

const results = await checkSettings();
for (const { name, outcome, detail } of results)
  console.log(`${outcome}: ${name}${detail === "" ? "" : `: ${detail}`}`);
process.exitCode = results.every(({ outcome }) => outcome === "passed") ? 0 : 1;
