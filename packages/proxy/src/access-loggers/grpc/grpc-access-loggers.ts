import type { WorkerContext } from "../../base/worker-context.ts";
import { GrpcClient } from "../../grpc-client/grpc-client.ts";
import type { AsyncClient } from "../../http/async-client/async-client.ts";
import type { AccessLog } from "../../observe/access-log/access-log.ts";
import type { AccessLoggerWorkerSide } from "../../observe/access-log/extension.ts";
import type { FormatContext } from "../../observe/stream-info.ts";
import { buildCustomTags } from "./custom-tags.ts";
import { writeHttpEntry, type HttpEntryParts } from "./entry/http.ts";
import { writeTcpEntry } from "./entry/tcp.ts";
import { LogDestination } from "./log-destination.ts";
import type { GrpcAccessLogConfig, LogDestinationConfig } from "./model.ts";

const PACKAGE = "envoy.extensions.access_loggers.grpc.v3";

/** A destination and how many loggers send to it. */
interface SharedDestination {
  readonly destination: LogDestination;
  users: number;
}

/** The loggers of one worker that send their entries by gRPC. */
export class GrpcAccessLoggers {
  readonly #worker: WorkerContext;
  readonly #http: AsyncClient;
  readonly #node: Uint8Array;
  readonly #destinations = new Map<string, SharedDestination>();

  /** `node`: who this proxy is, an encoded `envoy.config.core.v3.Node`. */
  constructor(worker: WorkerContext, http: AsyncClient, node: Uint8Array) {
    this.#worker = worker;
    this.#http = http;
    this.#node = node;
  }

  /** One for each of the two messages. */
  get sides(): readonly AccessLoggerWorkerSide[] {
    const types = ["HttpGrpcAccessLogConfig", "TcpGrpcAccessLogConfig"];
    return types.map((type) => ({
      configType: `${PACKAGE}.${type}`,
      build: (config: GrpcAccessLogConfig) => this.#build(config),
      flush: () => this.#flush(),
    }));
  }

  #build({ destination: config, entry }: GrpcAccessLogConfig): AccessLog {
    const shared = this.#open(config);
    const release = (): void => this.#release(config.key, shared);
    const customTags = buildCustomTags(entry.customTags, this.#worker);
    return new GrpcLog(shared.destination, config.kind, { ...entry, customTags }, release);
  }

  #open(config: LogDestinationConfig): SharedDestination {
    let shared = this.#destinations.get(config.key);
    if (shared === undefined) {
      const client = new GrpcClient(config.service, this.#http);
      const destination = new LogDestination(config, client, this.#worker, this.#node);
      this.#destinations.set(config.key, (shared = { destination, users: 0 }));
    }
    shared.users++;
    return shared;
  }

  #release(key: string, shared: SharedDestination): void {
    shared.users--;
    if (shared.users > 0) return;
    this.#destinations.delete(key);
    shared.destination.close();
  }

  #flush(): void {
    for (const { destination } of this.#destinations.values()) destination.flush();
  }
}

class GrpcLog implements AccessLog {
  readonly #destination: LogDestination;
  readonly #write: typeof writeHttpEntry;
  readonly #parts: HttpEntryParts;
  readonly #release: () => void;
  #closed = false;

  constructor(
    destination: LogDestination,
    kind: LogDestinationConfig["kind"],
    parts: HttpEntryParts,
    release: () => void,
  ) {
    this.#destination = destination;
    this.#write = kind === "http" ? writeHttpEntry : writeTcpEntry;
    this.#parts = parts;
    this.#release = release;
  }

  log(context: FormatContext): void {
    const writer = this.#destination.begin();
    if (writer === null) return;
    const entry = writer.begin(LogDestination.ENTRY);
    this.#write(writer, context, this.#parts);
    this.#destination.end(entry);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#release();
  }
}
