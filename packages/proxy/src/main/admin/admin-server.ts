import { once } from "node:events";
import { chmodSync, unlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { listenAddressText } from "../../config/address.ts";
import type { AccessLogFlushOptions } from "../../observe/access-log/access-log-file.ts";
import { DEFAULT_FLUSH_OPTIONS } from "../../observe/access-log/access-log-file.ts";
import { logger } from "../../observe/log/log.ts";
import type { Runtime } from "../../runtime/snapshot.ts";
import { AdminAccessLog } from "./access-log.ts";
import { AdminListenerStats } from "./admin-stats.ts";
import type { AdminConfig } from "./config.ts";
import { text } from "./handler.ts";
import type { AdminHandler, AdminReply } from "./handler.ts";
import { HANDLERS } from "./handlers.ts";
import { helpText } from "./help.ts";
import type { AdminProviders } from "./providers.ts";
import { parseQuery } from "./query.ts";
import { writeBody } from "./write-body.ts";

const log = logger("admin");

export interface AdminServerOptions {
  readonly config: AdminConfig;
  readonly providers: AdminProviders;
  /** What filters of the access log follow. */
  readonly runtime: Runtime;
  readonly accessLogFlush?: AccessLogFlushOptions;
  /** A posted form may have this many bytes. Default 64 KiB. */
  readonly formBytesMax?: number;
  /** `--admin-address-path`: a file for the bound address; empty for none. */
  readonly addressPath?: string;
}

const FORM_BYTES_MAX = 64 * 1024;

/** The admin listener on main. Not on the path of any proxied request, so `node:http` serves it. */
export class AdminServer {
  readonly #options: AdminServerOptions;
  readonly #server: Server;
  readonly #stats: AdminListenerStats;
  readonly #accessLog: AdminAccessLog;
  #address = "";

  constructor(options: AdminServerOptions) {
    this.#options = options;
    const { store } = options.providers.stats.view;
    this.#stats = new AdminListenerStats(store, store.main);
    const flush = options.accessLogFlush ?? DEFAULT_FLUSH_OPTIONS;
    this.#accessLog = new AdminAccessLog(
      options.config.accessLogs,
      flush,
      store.main,
      options.runtime,
    );
    this.#server = createServer((request, response) => void this.#serve(request, response));
    this.#server.on("connection", (socket) => this.#stats.connection(socket));
  }

  /** As bound: `127.0.0.1:9901`; empty before `listen`. */
  get address(): string {
    return this.#address;
  }

  get listening(): boolean {
    return this.#server.listening;
  }

  /** What it listens on; undefined when it does not. */
  get descriptor(): number | undefined {
    // Node has no public way to it; the version is pinned.
    return (Reflect.get(this.#server, "_handle") as { readonly fd: number } | null)?.fd;
  }

  /**
   * Binds, or takes over a descriptor that listens, and says where. Writes the address to `addressPath`.
   * @throws the system's error when the address cannot be bound or the file cannot be written.
   */
  async listen(descriptor?: number): Promise<string> {
    const { address } = this.#options.config;
    const listening = once(this.#server, "listening");
    if (descriptor !== undefined) {
      this.#server.listen({ fd: descriptor });
    } else if (address.path === "") {
      this.#server.listen({ host: address.ip, port: address.port });
    } else {
      removeStaleSocket(address.path);
      this.#server.listen({ path: address.path });
    }
    await listening;
    if (address.path !== "" && address.mode !== 0) chmodSync(address.path, address.mode);
    const bound = this.#server.address();
    const port = typeof bound === "object" && bound !== null ? bound.port : 0;
    this.#address = listenAddressText({ ...address, port });
    const { addressPath = "" } = this.#options;
    if (addressPath !== "") writeFileSync(addressPath, this.#address);
    return this.#address;
  }

  /** Opens the access log's files anew. */
  reopenLogs(): void {
    this.#accessLog.reopen();
  }

  /** Closes the listener and its connections; it may listen again. Idempotent. */
  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  /** Ends it. Idempotent. */
  async close(): Promise<void> {
    await this.stop();
    this.#accessLog.close();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const startMs = performance.now();
    const { socket } = request;
    this.#stats.requestStarted(socket);
    let bodyBytes = 0;
    response.once("close", () => {
      this.#stats.requestEnded(socket, performance.now() - startMs);
      if (this.#accessLog.enabled) this.#accessLog.log(request, response, startMs, bodyBytes);
    });
    log.debug(() => `request complete: path: ${request.url}`);
    const reply = await this.#reply(request).catch((error: unknown) => {
      logFailure(request, error);
      return text("internal error\n", 500);
    });
    this.#stats.responseStarted(reply.status);
    writeHead(response, reply);
    try {
      await writeBody(response, reply.body, (bytes) => (bodyBytes += bytes));
      reply.afterwards?.();
    } catch (error) {
      logFailure(request, error);
      response.destroy();
    }
  }

  async #reply(request: IncomingMessage): Promise<AdminReply> {
    const { config, providers } = this.#options;
    const url = request.url ?? "/";
    if (config.allowsPath !== null && !config.allowsPath(url)) {
      return text(`request to path ${url} not allowed`, 403);
    }
    const question = url.indexOf("?");
    const path = question === -1 ? url : url.slice(0, question);
    const handler = HANDLERS.find((candidate) => candidate.path === path);
    if (handler === undefined) return text(`invalid path. ${helpText(HANDLERS)}`, 404);
    if (handler.mutates && request.method !== "POST") {
      return text(`Method ${request.method} not allowed, POST required.`, 405);
    }
    const query = question === -1 ? "" : url.slice(question + 1);
    const params = parseQuery(query);
    const posted = await this.#posted(handler, request);
    if (posted === null) return text("payload too large", 413);
    const takesBody = handler.takesBody === true;
    for (const [name, value] of takesBody ? [] : parseQuery(posted.toString("latin1"))) {
      if (!params.has(name)) params.set(name, value);
    }
    const body = takesBody ? posted.toString("utf8") : "";
    return handler.handle({ path, params, query, body }, providers);
  }

  /** A posted form, or what else the handler takes; empty where there is none, null where it is too long. */
  async #posted(handler: AdminHandler, request: IncomingMessage): Promise<Buffer | null> {
    const type = request.headers["content-type"] ?? "";
    const isForm = handler.mutates && type.startsWith("application/x-www-form-urlencoded");
    if (!isForm && handler.takesBody !== true) return Buffer.alloc(0);
    const pieces: Buffer[] = [];
    let bytes = 0;
    for await (const piece of request as AsyncIterable<Buffer>) {
      bytes += piece.length;
      if (bytes > (this.#options.formBytesMax ?? FORM_BYTES_MAX)) return null;
      pieces.push(piece);
    }
    return Buffer.concat(pieces);
  }
}

function logFailure(request: IncomingMessage, error: unknown): void {
  log.error(`${request.method} ${request.url} failed: ${(error as Error).stack}`);
}

/** The same headers, in the same order, as Envoy's admin. */
function writeHead(response: ServerResponse, reply: AdminReply): void {
  response.sendDate = false;
  response.statusCode = reply.status;
  response.setHeader("content-type", reply.contentType);
  response.setHeader("cache-control", "no-cache, max-age=0");
  response.setHeader("x-content-type-options", "nosniff");
  response.setHeader("date", new Date().toUTCString());
  response.setHeader("server", "envoy");
  response.setHeader("transfer-encoding", "chunked");
  // Says nothing about the connection unless it is to close, as HTTP/1.1 needs nothing.
  if (response.shouldKeepAlive) response.removeHeader("connection");
}

/** A socket file that a former process left is in the way of a new one. Envoy removes it without a question too. */
function removeStaleSocket(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Nothing there, which is as it should be; anything else fails when binding.
  }
}
