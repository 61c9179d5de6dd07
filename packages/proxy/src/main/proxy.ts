import { formatProblem } from "@nuncio/api";
import { logSettingsOf } from "../observe/log/log-options.ts";
import { log } from "../observe/log/log.ts";
import { StatsStore } from "../observe/stats/store.ts";
import { AdminLife } from "./admin-life.ts";
import { StartError } from "./errors.ts";
import { HotRestart } from "./hot-restart/hot-restart.ts";
import type { ProxyOptions } from "./options.ts";
import { Server } from "./server.ts";
import { shrinkHeap } from "./shrink-heap.ts";
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
  const restart = await HotRestart.begin(options);
  try {
    return await serveEpoch({ ...options, baseId: restart.baseId }, restart);
  } catch (error) {
    await restart.failed(error instanceof Error ? error.message : String(error));
    throw error;
  } finally {
    restart.close();
  }
}

async function serveEpoch(options: ProxyOptions, restart: HotRestart): Promise<number> {
  const store = new StatsStore(undefined, (text) => log.logger("stats").warning(text));
  const { compiled, sources } = loadConfig(options, store);
  for (const problem of compiled.problems) log.logger("config").warning(formatProblem(problem));
  const server = new Server(options, compiled, store, workerEntry());
  let quit!: () => void;
  const ended = new Promise<void>((resolve) => (quit = resolve));
  handleSignals(server, quit);
  const admin = AdminLife.of(server, sources, quit);
  await restart.inherit({ server, admin, quit });
  // Before everything else is there: `/ready` tells how far the start has come.
  if (!restart.adminComesLater) await admin?.listen();
  const start = async (): Promise<void> => {
    await server.start();
    await restart.serving(compiled.statsFlushIntervalMs);
    shrinkHeap();
  };
  try {
    // Told to end before the start is through, it ends all the same.
    await Promise.race([start(), ended]);
    if (options.mode === "serve") await ended;
  } finally {
    restart.close();
    await admin?.close();
    await server.stop();
  }
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

/** A first signal to end is obeyed in order, a second at once. */
function handleSignals(server: Server, quit: () => void): void {
  for (const signal of END_SIGNALS) {
    process.once(signal, () => {
      log.logger("main").warning(`caught ENVOY_${signal}`);
      quit();
    });
  }
  process.on("uncaughtException", (error) => {
    // What main does not know how to go on from; the workers go with it, so that whoever supervises starts afresh.
    log.logger("main").critical(`uncaught exception: ${error.stack ?? error.message}`);
    process.exit(1);
  });
  process.on("SIGUSR1", () => server.reopenLogs());
  process.on("SIGHUP", () => log.logger("main").warning("caught and eating SIGHUP"));
}
