import { Timer, type TimerTarget } from "../../base/timer-wheel.ts";
import type { WorkerContext } from "../../base/worker-context.ts";
import type { GrpcStreamCallbacks } from "../../grpc-client/callbacks.ts";
import type { GrpcClient } from "../../grpc-client/grpc-client.ts";
import type { GrpcStream } from "../../grpc-client/grpc-stream.ts";
import { GRPC_ACCESS_LOG_STATS } from "../../observe/stats/tables/grpc-access-log.ts";
import { MessageWriter } from "../../protobuf/message-writer.ts";
import type { LogDestinationConfig } from "./model.ts";

const METHOD = "/envoy.service.accesslog.v3.AccessLogService/StreamAccessLogs";
const STATS = GRPC_ACCESS_LOG_STATS.at;

// Fields of StreamAccessLogsMessage, of its Identifier, and of the lists of entries.
const IDENTIFIER = 1;
const NODE = 1;
const LOG_NAME = 2;
const ENTRIES = { http: 2, tcp: 3 } as const;
const LOG_ENTRY = 1;

/**
 * Entries on their way to one log service: written into a buffer, which goes out as one message when it is full or
 * `buffer_flush_interval` has passed. The stream begins with the first message, which says who sends it, and again with the
 * next one when it was lost. When the service does not keep up, the buffer fills, and then entries are dropped.
 */
export class LogDestination implements GrpcStreamCallbacks, TimerTarget {
  readonly #config: LogDestinationConfig;
  readonly #client: GrpcClient;
  readonly #worker: WorkerContext;
  /** The node's message, encoded. */
  readonly #node: Uint8Array;
  readonly #timer: Timer = new Timer(this);
  readonly #entries: MessageWriter = new MessageWriter();
  /** As Envoy counts: without what frames an entry in its message. */
  #entryBytes = 0;
  #entryCount = 0;
  #stream: GrpcStream | null = null;
  /** The stream's first message, which says who sends it, went out. */
  #identified = false;

  constructor(
    config: LogDestinationConfig,
    client: GrpcClient,
    worker: WorkerContext,
    node: Uint8Array,
  ) {
    this.#config = config;
    this.#client = client;
    this.#worker = worker;
    this.#node = node;
  }

  /** Where to write an entry, to be followed by `end`; null: it is dropped. */
  begin(): MessageWriter | null {
    if (!this.#hasRoom) this.flush();
    if (!this.#hasRoom) {
      this.#count(STATS.logs_dropped, 1);
      return null;
    }
    if (this.#config.kind === "http") this.#count(STATS.logs_written, 1);
    return this.#entries;
  }

  /** `from`: what the writer's `begin(LogDestination.ENTRY)` gave. */
  end(from: number): void {
    this.#entryBytes += this.#entries.length - from;
    this.#entryCount++;
    this.#entries.end(from);
    if (this.#entryBytes >= this.#config.bufferBytes) this.flush();
    else this.#armTimer();
  }

  static readonly ENTRY: number = LOG_ENTRY;

  /** Sends what is buffered; it stays when the stream takes no more. */
  flush(): void {
    if (this.#entries.length === 0) return;
    this.#stream ??= this.#start();
    if (this.#stream?.aboveWriteBufferHighWatermark === true) {
      this.#count(STATS.grpc_entries_flush_failed, this.#entryCount);
      this.#armTimer();
      return;
    }
    // Without a stream the entries are gone, and count as sent, as in Envoy.
    this.#stream?.send(this.#message());
    this.#count(STATS.grpc_entries_flushed, this.#entryCount);
    this.#entries.clear();
    this.#entryBytes = 0;
    this.#entryCount = 0;
  }

  /** Nobody logs here any more: the rest is sent, and the stream ends. */
  close(): void {
    this.flush();
    this.#worker.timers.cancel(this.#timer);
    this.#stream?.closeStream();
    this.#stream = null;
  }

  onTimer(): void {
    this.flush();
  }

  onRemoteClose(): void {
    this.#stream = null;
  }

  onReceiveInitialMetadata(): void {}
  onReceiveMessage(): void {}
  onAboveWriteBufferHighWatermark(): void {}
  onBelowWriteBufferLowWatermark(): void {}

  get #hasRoom(): boolean {
    const { bufferBytes } = this.#config;
    return bufferBytes === 0 || this.#entryBytes < bufferBytes;
  }

  /** Null when it fails at once. */
  #start(): GrpcStream | null {
    const { retry } = this.#config;
    this.#identified = false;
    const stream = this.#client.start(METHOD, this, retry === null ? {} : { retry });
    return stream.closed ? null : stream;
  }

  #message(): Buffer {
    const writer = new MessageWriter();
    if (!this.#identified) {
      this.#identified = true;
      const identifier = writer.begin(IDENTIFIER);
      writer.presentBytes(NODE, this.#node);
      writer.string(LOG_NAME, this.#config.logName);
      writer.end(identifier);
    }
    writer.presentBytes(ENTRIES[this.#config.kind], this.#entries.bytes);
    return writer.bytes;
  }

  #armTimer(): void {
    if (!this.#timer.armed) this.#worker.timers.arm(this.#timer, this.#config.flushIntervalMs);
  }

  #count(stat: number, by: number): void {
    this.#worker.stats.slots[this.#config.scope.base + stat]! += by;
  }
}
