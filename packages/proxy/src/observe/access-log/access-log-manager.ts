import type { WorkerContext } from "../../base/worker-context.ts";
import { buildFormatter } from "../format/formatter.ts";
import type { Formatter } from "../format/formatter.ts";
import type { FormatContext } from "../stream-info.ts";
import { AccessLogFile, DEFAULT_FLUSH_OPTIONS } from "./access-log-file.ts";
import type { AccessLogFlushOptions } from "./access-log-file.ts";
import type { AccessLog } from "./access-log.ts";
import type { AccessLoggerWorkerSide } from "./extension.ts";
import { buildAccessLogFilter } from "./filter.ts";
import type { AccessLogFilter, MatcherBuilders } from "./filter.ts";
import type {
  AccessLogConfig,
  AccessLogTarget,
  ExtensionLogConfig,
  LineLogConfig,
} from "./model.ts";

/** A file and how many loggers write to it. */
interface SharedFile {
  readonly file: AccessLogFile;
  users: number;
}

/** The access loggers of one worker: those of the same path share a file and its buffer. */
export class AccessLogManager {
  readonly #worker: WorkerContext;
  readonly #matchers: MatcherBuilders;
  readonly #options: AccessLogFlushOptions;
  readonly #extensions: readonly AccessLoggerWorkerSide[];
  /** By path; the standard streams by their names. */
  readonly #files = new Map<string, SharedFile>();

  constructor(
    worker: WorkerContext,
    matchers: MatcherBuilders,
    options: AccessLogFlushOptions = DEFAULT_FLUSH_OPTIONS,
    extensions: readonly AccessLoggerWorkerSide[] = [],
  ) {
    this.#worker = worker;
    this.#matchers = matchers;
    this.#options = options;
    this.#extensions = extensions;
  }

  /** Builds the loggers of a listener or filter; close each when it goes. */
  build(configs: readonly AccessLogConfig[]): readonly AccessLog[] {
    return configs.map((config) => {
      const log = config.kind === "lines" ? this.#buildLines(config) : this.#buildExtension(config);
      if (config.filter === null) return log;
      const filter = buildAccessLogFilter(config.filter, this.#worker, this.#matchers);
      return new FilteredLog(filter, log);
    });
  }

  /** Writes what is buffered, and sends it off. */
  flush(): void {
    for (const { file } of this.#files.values()) file.flush();
    for (const extension of this.#extensions) extension.flush();
  }

  /** Opens all files anew (SIGUSR1, `POST /reopen_logs`). */
  reopen(): void {
    for (const { file } of this.#files.values()) file.reopen();
  }

  #buildLines(config: LineLogConfig): AccessLog {
    const key = keyOf(config.target);
    const shared = this.#open(key, config);
    const release = (): void => this.#release(key, shared);
    return new FileLog(buildFormatter(config.format, this.#worker), shared.file, release);
  }

  #buildExtension({ type, config }: ExtensionLogConfig): AccessLog {
    const side = this.#extensions.find(({ configType }) => configType === type)!;
    return side.build(config as never);
  }

  #open(key: string, config: LineLogConfig): SharedFile {
    let shared = this.#files.get(key);
    if (shared === undefined) {
      shared = {
        file: new AccessLogFile(config.target, this.#options, this.#worker, config.scope),
        users: 0,
      };
      this.#files.set(key, shared);
    }
    shared.users++;
    return shared;
  }

  #release(key: string, shared: SharedFile): void {
    shared.users--;
    if (shared.users > 0) return;
    shared.file.close();
    this.#files.delete(key);
  }
}

/** Loggers with equal keys share a file. */
function keyOf(target: AccessLogTarget): string {
  return target.kind === "file" ? `file:${target.path}` : target.kind;
}

class FileLog implements AccessLog {
  readonly #formatter: Formatter;
  readonly #file: AccessLogFile;
  readonly #release: () => void;
  #closed = false;

  constructor(formatter: Formatter, file: AccessLogFile, release: () => void) {
    this.#formatter = formatter;
    this.#file = file;
    this.#release = release;
  }

  log(context: FormatContext): void {
    this.#file.write(this.#formatter.text(context));
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#release();
  }
}

class FilteredLog implements AccessLog {
  readonly #filter: AccessLogFilter;
  readonly #log: AccessLog;

  constructor(filter: AccessLogFilter, log: AccessLog) {
    this.#filter = filter;
    this.#log = log;
  }

  log(context: FormatContext): void {
    if (this.#filter(context)) this.#log.log(context);
  }

  close(): void {
    this.#log.close();
  }
}
