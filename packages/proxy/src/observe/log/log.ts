import { LOG_COMPONENTS } from "./components.ts";
import type { LogComponent } from "./components.ts";
import { compileLogFormat, DEFAULT_LOG_FORMAT } from "./format.ts";
import type { Caller, LogFormat } from "./format.ts";
import { LogLevel } from "./level.ts";
import { FileLogSink } from "./sink.ts";
import type { LogSink } from "./sink.ts";

/** How the log is set up. Plain data: main hands it to its workers. */
export interface LogSettings {
  readonly format: string;
  /** Empty for stderr. */
  readonly path: string;
  /** By component; those not named are at `info`. */
  readonly levels: { readonly [component: string]: LogLevel };
}

/**
 * The log of one component. A message that costs something to put together stands in a function, which is called
 * only when it is shown: `log.debug(() => …)`. On the path of a request ask first: `if (log.level <= LogLevel.debug)`.
 */
export class Logger {
  readonly component: LogComponent;
  /** The lowest level that is shown. */
  level: LogLevel = LogLevel.info;
  readonly #log: Log;

  constructor(component: LogComponent, log: Log) {
    this.component = component;
    this.#log = log;
  }

  trace(message: string | (() => string)): void {
    if (this.level <= LogLevel.trace) this.#log.write(this.component, LogLevel.trace, message);
  }

  debug(message: string | (() => string)): void {
    if (this.level <= LogLevel.debug) this.#log.write(this.component, LogLevel.debug, message);
  }

  info(message: string | (() => string)): void {
    if (this.level <= LogLevel.info) this.#log.write(this.component, LogLevel.info, message);
  }

  warning(message: string | (() => string)): void {
    if (this.level <= LogLevel.warning) this.#log.write(this.component, LogLevel.warning, message);
  }

  error(message: string | (() => string)): void {
    if (this.level <= LogLevel.error) this.#log.write(this.component, LogLevel.error, message);
  }

  critical(message: string | (() => string)): void {
    if (this.level <= LogLevel.critical)
      this.#log.write(this.component, LogLevel.critical, message);
  }
}

/** All loggers of a thread. There is one per thread, `log`; tests make their own. */
export class Log {
  readonly #loggers = new Map<LogComponent, Logger>();
  #path = "";
  #pattern = DEFAULT_LOG_FORMAT;
  #format: LogFormat = compileLogFormat(DEFAULT_LOG_FORMAT);
  #sink: LogSink;
  #lastMs = 0;

  constructor(sink: LogSink) {
    this.#sink = sink;
    for (const component of LOG_COMPONENTS)
      this.#loggers.set(component, new Logger(component, this));
  }

  logger(component: LogComponent): Logger {
    return this.#loggers.get(component)!;
  }

  /** Takes over settings as a whole. @throws the system's error when the file cannot be opened. */
  configure(settings: LogSettings): void {
    if (settings.path !== this.#path) this.#sink = new FileLogSink(settings.path);
    this.#path = settings.path;
    this.#pattern = settings.format;
    this.#format = compileLogFormat(settings.format);
    for (const each of this.#loggers.values()) {
      each.level = settings.levels[each.component] ?? LogLevel.info;
    }
  }

  /** What `configure` would need to make another log like this one. */
  settings(): LogSettings {
    const levels = Object.fromEntries(this.levels());
    return { format: this.#pattern, path: this.#path, levels };
  }

  /** Every component with its level, in Envoy's order. */
  levels(): [LogComponent, LogLevel][] {
    return [...this.#loggers.values()].map((each) => [each.component, each.level]);
  }

  /** Sets one component, or all of them with null. */
  setLevel(component: LogComponent | null, level: LogLevel): void {
    for (const each of this.#loggers.values()) {
      if (component === null || each.component === component) each.level = level;
    }
  }

  reopen(): void {
    this.#sink.reopen();
  }

  write(component: LogComponent, level: LogLevel, message: string | (() => string)): void {
    // A log line shows when it was written, also on main, where no worker's clock is.
    const timeMs = performance.timeOrigin + performance.now();
    const line = this.#format.format({
      level,
      component,
      message: typeof message === "string" ? message : message(),
      timeMs,
      sincePreviousMs: this.#lastMs === 0 ? 0 : timeMs - this.#lastMs,
      caller: this.#format.needsCaller ? callerOfLogger() : null,
    });
    this.#lastMs = timeMs;
    this.#sink.write(`${line}\n`);
  }
}

/** This thread's log: stderr at `info` until it is configured. */
export const log: Log = new Log(new FileLogSink(""));

/** The logger of a component on this thread. Fetch it once, at module load: `const log = logger("upstream")`. */
export function logger(component: LogComponent): Logger {
  return log.logger(component);
}

/** `callerOfLogger`, `Log.write` and the logger's method. */
const OWN_FRAMES = 3;

/** Who called the logger, from the stack. */
function callerOfLogger(): Caller | null {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = OWN_FRAMES + 1;
  const stack = new Error().stack ?? "";
  Error.stackTraceLimit = limit;
  const frame = stack.split("\n")[OWN_FRAMES + 1] ?? "";
  const match = /^\s*at (?:(.*?) \()?(?:file:\/\/)?(.+?):(\d+):\d+\)?$/.exec(frame);
  if (match === null) return null;
  // Below the workspace or the installed package; other paths would tell about the machine only.
  const path = match[2]!;
  const file = /(?:packages|@nuncio)\/.*$/.exec(path)?.[0] ?? path.replace(/^.*\//, "");
  return { file, line: Number(match[3]), name: match[1] ?? "" };
}
