import { hotRestartVersion, runProxy, validateConfig } from "@nuncio/proxy";
import type { Command } from "../command-line/command.ts";
import type { GivenFlags } from "../flags.ts";
import { versionLine } from "../version.ts";
import { PROXY_FLAGS } from "./flags.ts";
import { proxyOptions } from "./options.ts";

/** `nuncio proxy` */
export const PROXY_COMMAND: Command = {
  usage: ["-c FILE [flags]"],
  about: "Runs an Envoy v3 configuration. The flags are Envoy's.",
  flags: PROXY_FLAGS,
  run: ({ given }) => run(given),
};

async function run(given: GivenFlags): Promise<number> {
  for (const [name, text] of EXITS) {
    if (!given.has(name)) continue;
    process.stdout.write(text(given));
    return 0;
  }
  const options = proxyOptions(given);
  if (options.mode !== "validate") return runProxy(options);
  const { ok, text } = await validateConfig(options);
  (ok ? process.stdout : process.stderr).write(`${text}\n`);
  return ok ? 0 : 1;
}

/** Flags that print something and end. */
const EXITS: readonly (readonly [name: string, text: (given: GivenFlags) => string])[] = [
  ["version", () => `${versionLine()}\n`],
  ["hot-restart-version", (given) => `${hotRestartVersion(given.has("disable-hot-restart"))}\n`],
];
