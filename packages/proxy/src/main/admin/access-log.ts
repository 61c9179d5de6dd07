import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { HeaderMap } from "@nuncio/codec";
import { TimerWheel } from "../../base/timer-wheel.ts";
import type { WorkerContext } from "../../base/worker-context.ts";
import { matcherBuilders } from "../../http/route/matchers/builders.ts";
import type { AccessLogFlushOptions } from "../../observe/access-log/access-log-file.ts";
import { AccessLogManager } from "../../observe/access-log/access-log-manager.ts";
import type { AccessLog } from "../../observe/access-log/access-log.ts";
import type { AccessLogConfig } from "../../observe/access-log/model.ts";
import { logger } from "../../observe/log/log.ts";
import type { WorkerStats } from "../../observe/stats/definition.ts";
import { StreamInfo } from "../../observe/stream-info.ts";
import type { Address } from "../../observe/stream-info.ts";
import type { Runtime } from "../../runtime/snapshot.ts";
import { ipAddress } from "../../transport/address.ts";

/** The access log of the admin listener, written on main with main's own clock. */
export class AdminAccessLog {
  readonly #manager: AccessLogManager;
  readonly #logs: readonly AccessLog[];
  #connections = 0;
  readonly #connectionIds = new WeakMap<Socket, number>();

  constructor(
    configs: readonly AccessLogConfig[],
    options: AccessLogFlushOptions,
    stats: WorkerStats,
    runtime: Runtime,
  ) {
    this.#manager = new AccessLogManager(mainContext(stats, runtime), matcherBuilders, options);
    this.#logs = this.#manager.build(configs);
  }

  get enabled(): boolean {
    return this.#logs.length > 0;
  }

  /** Logs a request whose reply is out. `bodyBytes` is what the reply's body had. */
  log(
    request: IncomingMessage,
    response: ServerResponse,
    startMs: number,
    bodyBytes: number,
  ): void {
    const info = new StreamInfo();
    const nowMs = performance.now();
    info.startMs = startMs;
    info.startTimeMs = performance.timeOrigin + startMs;
    info.endMs = nowMs;
    info.protocol = `HTTP/${request.httpVersion}`;
    info.responseCode = response.statusCode;
    info.responseCodeDetails = "via_upstream";
    info.bytesSent = bodyBytes;
    info.firstDownstreamTxByteMs = nowMs;
    info.lastDownstreamTxByteMs = nowMs;
    const { socket } = request;
    const remote = addressOf(socket.remoteAddress, socket.remotePort);
    info.remoteAddress = remote;
    info.downstream = {
      connectionId: this.#connectionId(socket),
      directRemoteAddress: remote,
      localAddress: addressOf(socket.localAddress, socket.localPort),
      listenerName: "admin",
      filterChainName: "admin",
    };
    const context = {
      streamInfo: info,
      requestHeaders: requestHeaders(request),
      responseHeaders: responseHeaders(response),
      responseTrailers: null,
      localReplyBody: "",
    };
    for (const log of this.#logs) log.log(context);
  }

  reopen(): void {
    this.#manager.reopen();
  }

  close(): void {
    for (const log of this.#logs) log.close();
  }

  #connectionId(socket: Socket): number {
    let id = this.#connectionIds.get(socket);
    if (id === undefined) this.#connectionIds.set(socket, (id = this.#connections++));
    return id;
  }
}

function requestHeaders(request: IncomingMessage): HeaderMap {
  const headers = new HeaderMap();
  headers.method = request.method ?? "";
  headers.path = request.url ?? "";
  headers.scheme = "http";
  headers.authority = request.headers.host ?? "";
  for (let i = 0; i < request.rawHeaders.length; i += 2) {
    const name = request.rawHeaders[i]!.toLowerCase();
    if (name !== "host") headers.add(name, request.rawHeaders[i + 1]!);
  }
  return headers;
}

function responseHeaders(response: ServerResponse): HeaderMap {
  const headers = new HeaderMap();
  headers.status = response.statusCode;
  for (const [name, value] of Object.entries(response.getHeaders()))
    headers.add(name, String(value));
  return headers;
}

/** Over a pipe there are no addresses. */
function addressOf(ip: string | undefined, port: number | undefined): Address {
  if (ip === undefined || port === undefined) return { text: "", ip: "", port: 0 };
  return ipAddress(ip, port);
}

/** What the writers need of a worker, on main. */
function mainContext(stats: WorkerStats, runtime: Runtime): WorkerContext {
  const nowMs = (): number => performance.now();
  let pending: NodeJS.Timeout | undefined;
  const timers = new TimerWheel({
    nowMs,
    wakeAfter: (delayMs, wake) => {
      clearTimeout(pending);
      pending = setTimeout(wake, delayMs).unref();
    },
    onException: (error) => logger("admin").error(`access log: ${String(error)}`),
  });
  const wallMs = (): number => performance.timeOrigin + performance.now();
  return { workerId: -1, stats, timers, runtime, nowMs, wallMs, random: Math.random };
}
