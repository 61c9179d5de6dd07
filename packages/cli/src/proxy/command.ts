import { hotRestartVersion, runProxy, validateConfig } from "@nuncio/proxy";
import { describeFlags, readFlags, type GivenFlags } from "../flags.ts";
import { versionLine } from "../version.ts";
import { PROXY_FLAGS } from "./flags.ts";
import { proxyOptions } from "./options.ts";

const USAGE = `usage: nuncio proxy -c FILE [flags]

Runs an Envoy v3 configuration. The flags are Envoy's.

${describeFlags(PROXY_FLAGS)}
`;

/**
 * `nuncio proxy`: resolves to the exit code when the proxy has ended.
 *
 * @throws UsageError
 */
export async function proxyCommand(args: readonly string[]): Promise<number> {
  const given = readFlags(PROXY_FLAGS, args);
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
  ["help", () => USAGE],
  ["version", () => `${versionLine()}\n`],
  ["hot-restart-version", (given) => `${hotRestartVersion(given.has("disable-hot-restart"))}\n`],
];
