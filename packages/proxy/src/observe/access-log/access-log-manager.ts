import type { WorkerContext } from "../../base/worker-context.ts";
import { buildFormatter } from "../format/formatter.ts";
import type { Formatter } from "../format/formatter.ts";
import type { FormatContext } from "../stream-info.ts";
import { AccessLogFile, DEFAULT_FLUSH_OPTIONS } from "./access-log-file.ts";
import type { AccessLogFlushOptions } from "./access-log-file.ts";
import type { AccessLog } from "./access-log.ts";
import { buildAccessLogFilter } from "./filter.ts";
import type { AccessLogFilter, MatcherBuilders } from "./filter.ts";
import type { AccessLogConfig, AccessLogTarget } from "./model.ts";

/** A file and how many loggers write to it. */
interface SharedFile {
  readonly file: AccessLogFile;
  users: number;
}

/** The access log files of one worker: loggers of the same path share a file and its buffer. */
export class AccessLogManager {
  readonly #worker: WorkerContext;
  readonly #matchers: MatcherBuilders;
  readonly #options: AccessLogFlushOptions;
  /** By path; the standard streams by their names. */
  readonly #files = new Map<string, SharedFile>();

  constructor(
    worker: WorkerContext,
    matchers: MatcherBuilders,
    options: AccessLogFlushOptions = DEFAULT_FLUSH_OPTIONS,
  ) {
    this.#worker = worker;
    this.#matchers = matchers;
    this.#options = options;
  }

  /** Builds the loggers of a listener or filter; close each when it goes. */
  build(configs: readonly AccessLogConfig[]): readonly AccessLog[] {
    return configs.map((config) => {
      const key = keyOf(config.target);
      const shared = this.#open(key, config);
      const filter =
        config.filter === null
          ? null
          : buildAccessLogFilter(config.filter, this.#worker, this.#matchers);
      const release = (): void => this.#release(key, shared);
      return new FileLog(buildFormatter(config.format, this.#worker), filter, shared.file, release);
    });
  }

  /** Writes what is buffered in all files. */
  flush(): void {
    for (const { file } of this.#files.values()) file.flush();
  }

  /** Opens all files anew (SIGUSR1, `POST /reopen_logs`). */
  reopen(): void {
    for (const { file } of this.#files.values()) file.reopen();
  }

  #open(key: string, config: AccessLogConfig): SharedFile {
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
  readonly #filter: AccessLogFilter | null;
  readonly #file: AccessLogFile;
  readonly #release: () => void;
  #closed = false;

  constructor(
    formatter: Formatter,
    filter: AccessLogFilter | null,
    file: AccessLogFile,
    release: () => void,
  ) {
    this.#formatter = formatter;
    this.#filter = filter;
    this.#file = file;
    this.#release = release;
  }

  log(context: FormatContext): void {
    if (this.#filter !== null && !this.#filter(context)) return;
    this.#file.write(this.#formatter.text(context));
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#release();
  }
}
