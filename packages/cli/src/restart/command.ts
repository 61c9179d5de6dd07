import { readFileSync } from "node:fs";
import { askForRestart } from "@nuncio/proxy";
import { HELP_FLAG, type Command } from "../command-line/command.ts";
import { SOCKET_PATH_FLAG } from "../config-flags.ts";
import { readCount } from "../flag-values.ts";
import type { Flag, GivenFlags } from "../flags.ts";
import { UsageError } from "../usage-error.ts";

const TIMEOUT_SECONDS = 120;

const FLAGS: readonly Flag[] = [
  { name: "base-id", value: "N", help: "of the proxy; default 0" },
  { name: "base-id-path", value: "FILE", help: "file that the proxy wrote its base id to" },
  SOCKET_PATH_FLAG,
  {
    name: "timeout-s",
    value: "SECONDS",
    help: `time for the successor to serve, else it is ended; default ${TIMEOUT_SECONDS}`,
  },
  HELP_FLAG,
];

/** `nuncio restart`: resolves to 0 when the successor serves, and to 1 when the proxy that ran still does. */
export const RESTART_COMMAND: Command = {
  usage: ["[flags]"],
  about: `
Has the running proxy start its successor, with the same command line, and hand over to it: no connection is refused, and
none is closed before its peer agrees. When the successor does not start, the running proxy goes on.`,
  flags: FLAGS,
  run: ({ given }) => restart(given),
};

async function restart(given: GivenFlags): Promise<number> {
  const beganMs = performance.now();
  const { live, reason } = await askForRestart(
    {
      baseId: baseId(given),
      socketPath: given.get("socket-path")?.[0] ?? SOCKET_PATH_FLAG.standard,
      timeoutSeconds: readCount(given, "timeout-s", TIMEOUT_SECONDS),
    },
    {
      found: ({ pid, epoch }) => say(`process ${pid} serves, epoch ${epoch}`),
      started: ({ pid, epoch }) => say(`process ${pid} starts, epoch ${epoch}`),
    },
  );
  if (live === null) {
    process.stderr.write(`nuncio: not restarted: ${reason}\n`);
    return 1;
  }
  const seconds = ((performance.now() - beganMs) / 1000).toFixed(1);
  say(`process ${live.pid} serves after ${seconds} s; the one before it drains`);
  return 0;
}

function baseId(given: GivenFlags): number {
  const path = given.get("base-id-path")?.[0];
  if (path === undefined) return readCount(given, "base-id", 0);
  if (given.has("base-id")) throw new UsageError("expected --base-id or --base-id-path, got both");
  const text = readFileSync(path, "utf8").trim();
  if (!/^\d+$/.test(text))
    throw new UsageError(`--base-id-path: expected a file with a number, got "${text}"`);
  return Number(text);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
