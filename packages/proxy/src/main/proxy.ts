import { formatProblem } from "@nuncio/api";
import { log } from "../observe/log/log.ts";
import { logSettingsOf } from "../observe/log/log-options.ts";
import { StatsStore } from "../observe/stats/store.ts";
import { StartError } from "./errors.ts";
import type { ProxyOptions } from "./options.ts";
import { Server } from "./server.ts";
import { loadConfig } from "./validate.ts";

/** How the process is told to end. */
const END_SIGNALS = ["SIGTERM", "SIGINT"] as const;

/**
 * Runs a proxy until it is told to end (SIGTERM, SIGINT, `POST /quitquitquit`), and resolves to the exit code. What
 * prevents the start is printed on stderr, a line each, and gives 1.
 */
export async function runProxy(options: ProxyOptions): Promise<number> {
  try {
    return await serve(options);
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 1;
  }
}

async function serve(options: ProxyOptions): Promise<number> {
  configureLog(options);
  const store = new StatsStore(undefined, (text) => log.logger("stats").warning(text));
  const { compiled } = loadConfig(options, store);
  for (const problem of compiled.problems) log.logger("config").warning(formatProblem(problem));
  const server = new Server(options, compiled, store, workerEntry());
  const ended = endOf(server);
  try {
    await server.start();
  } catch (error) {
    await server.stop();
    throw error;
  }
  if (options.mode === "serve") await ended;
  await server.stop();
  return 0;
}

function configureLog(options: ProxyOptions): void {
  try {
    log.configure(logSettingsOf(options));
  } catch (error) {
    throw new StartError(`error initializing log: ${(error as Error).message}`, { cause: error });
  }
}

function workerEntry(): URL {
  return new URL("../worker/entry.ts", import.meta.url);
}

/** Resolves when the process shall end. A second signal ends it at once. */
function endOf(server: Server): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of END_SIGNALS) {
      process.once(signal, () => {
        log.logger("main").warning(`caught ENVOY_${signal}`);
        resolve();
      });
    }
    process.on("SIGUSR1", () => server.reopenLogs());
    process.on("SIGHUP", () => log.logger("main").warning("caught and eating SIGHUP"));
  });
}
