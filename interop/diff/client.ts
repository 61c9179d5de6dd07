import { connect, type Socket } from "node:net";
import { Http2Session } from "../harness/http2/session.ts";
import { MessageReader } from "../harness/message-reader.ts";
import { fillPlaces, type CasePlaces } from "./case-config.ts";
import type { DiffCase, Setup, Step } from "./case.ts";
import { Http2Client } from "./http2-step.ts";
import { ClientTlsConnection } from "./tls/client-tls.ts";

const PATIENCE_MS = 2_000;
const SETTLE_MS = 600;
const PIECE_GAP_MS = 4;
/** A connection that ends within this time after its last byte was closed at once, else after a delay. */
const AT_ONCE_MS = 120;

/** How a proxy left a client's connection. */
export type Fate =
  | "open"
  | "closed at once"
  | "closed after a delay"
  | "reset"
  | "refused"
  | "closed by client";

/** What one client connection went through. */
export class ClientConnection {
  /** Gets what comes when the connection does not begin with HTTP/2. */
  readonly reader: MessageReader;
  readonly http2: Http2Client | null;
  readonly methods: string[] = [];
  /** `127.0.0.1:port` of the client's end. */
  local = "";
  bytesReceived = 0;
  bytesSent = 0;
  fate: Fate = "open";
  readonly socket: Socket;
  /** Null over a plain socket. */
  readonly tls: ClientTlsConnection | null;
  #lastActivityMs = performance.now();
  #ended = false;
  #wake = (): void => {};

  constructor(
    port: number,
    protocol: Setup["client"],
    secure: (raw: Socket) => ClientTlsConnection | null,
  ) {
    this.reader = new MessageReader("response", this.methods);
    const raw = connect({ port, host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
    raw.on("connect", () => {
      this.local = `127.0.0.1:${raw.localPort}`;
      this.#wake();
    });
    raw.on("error", (error: NodeJS.ErrnoException) => this.#end(fateOf(error)));
    this.tls = secure(raw);
    this.tls?.socket.on("secureConnect", () => this.#wake());
    this.socket = this.tls?.socket ?? raw;
    this.socket.on("data", (data: Buffer) => {
      this.bytesReceived += data.length;
      this.#lastActivityMs = performance.now();
      this.wire.push(data);
      this.#wake();
    });
    this.socket.on("end", () =>
      this.#end(this.#sinceActivity() <= AT_ONCE_MS ? "closed at once" : "closed after a delay"),
    );
    this.socket.on("error", (error: NodeJS.ErrnoException) => {
      this.#end(fateOf(error));
    });
    this.socket.on("close", () => this.#wake());
    this.http2 = protocol === undefined ? null : this.#startHttp2(protocol);
  }

  /** What watches the bytes that come. */
  get wire(): MessageReader | Http2Session {
    return this.http2?.session ?? this.reader;
  }

  get ended(): boolean {
    return this.#ended || this.socket.destroyed;
  }

  /** Resolves when `reached` holds, the connection ended, or time is up. */
  async until(reached: () => boolean, patienceMs: number): Promise<void> {
    const deadline = performance.now() + patienceMs;
    while (!reached() && !this.ended) {
      const left = deadline - performance.now();
      if (left <= 0) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  /** Resolves when the connection ended, or nothing happened on it for `quietMs`. */
  async settle(quietMs: number): Promise<void> {
    while (!this.ended) {
      const left = this.#lastActivityMs + quietMs - performance.now();
      if (left <= 0) return;
      await this.until(() => false, left);
    }
  }

  send(bytes: Buffer): void {
    this.bytesSent += bytes.length;
    this.#lastActivityMs = performance.now();
    if (this.socket.writable) this.socket.write(bytes);
  }

  /** Ends it from this side; what the proxy does afterwards is not noted. */
  leave(how: "close" | "reset"): void {
    if (!this.#ended) this.fate = "closed by client";
    this.#ended = true;
    if (how === "close") this.socket.destroy();
    else this.socket.resetAndDestroy();
  }

  /** Drops it after all was noted. */
  discard(): void {
    this.#ended = true;
    this.socket.destroy();
  }

  #startHttp2(protocol: NonNullable<Setup["client"]>): Http2Client {
    const options = protocol === "h2c" ? {} : protocol;
    return new Http2Client(new Http2Session("client", options, (bytes) => this.send(bytes)));
  }

  #sinceActivity(): number {
    return performance.now() - this.#lastActivityMs;
  }

  #end(fate: Fate): void {
    if (!this.#ended) {
      this.#ended = true;
      this.fate = fate;
      this.reader.end();
    }
    this.#wake();
  }
}

/** An alert says that the proxy closed; which one is told elsewhere. */
function fateOf({ code }: NodeJS.ErrnoException): Fate {
  if (code === "ECONNREFUSED") return "refused";
  return code?.startsWith("ERR_SSL") === true ? "closed at once" : "reset";
}

/** Does a case's steps against its listener, or the admin's. The connections are left as they are at the end. */
export async function runSteps(
  diffCase: DiffCase,
  places: CasePlaces,
  adminPort: number,
): Promise<ClientConnection[]> {
  const connections = new Map<number, ClientConnection>();
  const patienceMs = diffCase.patience_ms ?? PATIENCE_MS;
  const steps = fillPlaces(diffCase.steps, diffCase, places);
  for (let round = 0; round < (diffCase.repeat ?? 1); round += 1) {
    for (const step of steps) {
      const number = step.on ?? 1;
      let connection = connections.get(number);
      if (connection === undefined) {
        const tls = step.tls === undefined ? diffCase.tls : { ...diffCase.tls, ...step.tls };
        const earlier = connections.get(tls?.resume ?? 0)?.tls ?? null;
        connection = new ClientConnection(
          diffCase.admin === true ? adminPort : places.port,
          diffCase.client,
          (raw) =>
            tls === undefined
              ? null
              : new ClientTlsConnection(raw, tls, places.certificates, earlier),
        );
        connections.set(number, connection);
        await connection.until(() => isUp(connection!), patienceMs);
      }
      await runStep(step, connection, patienceMs);
    }
  }
  const all = [...connections.values()];
  const settleMs = diffCase.settle_ms ?? SETTLE_MS;
  await Promise.all(all.map((connection) => connection.settle(settleMs)));
  for (const connection of all) connection.wire.collect();
  return all;
}

/** Over HTTP/2 once the proxy's SETTINGS are there: how data is cut into frames depends on them. */
function isUp({ local, http2, tls }: ClientConnection): boolean {
  return (
    local !== "" &&
    tls?.established !== false &&
    (http2 === null || http2.session.isMute || http2.session.peerSettings !== null)
  );
}

async function runStep(
  step: Step,
  connection: ClientConnection,
  patienceMs: number,
): Promise<void> {
  if (connection.http2 !== null && isSent(step)) {
    const before = connection.wire.finalCount;
    // All of a step's frames at once: what a proxy reads together it takes together.
    connection.socket.cork();
    const wanted = connection.http2.send(step, (bytes) => connection.send(bytes));
    connection.socket.uncork();
    await connection.until(
      () => connection.wire.finalCount >= before + (step.wait ?? wanted),
      patienceMs,
    );
  } else if (step.request !== undefined || step.raw !== undefined) {
    const bytes = stepBytes(step);
    connection.methods.push(...methodsIn(bytes));
    const wanted = connection.reader.finalCount + (step.wait ?? 1);
    await sendPieces(connection, bytes, step.split);
    await connection.until(() => connection.reader.finalCount >= wanted, patienceMs);
  } else if (step.wait_bytes !== undefined) {
    const wanted = step.wait_bytes;
    await connection.until(() => connection.bytesReceived >= wanted, patienceMs);
  } else if (step.stop_reading === true) {
    connection.socket.pause();
  } else if (step.resume_reading === true) {
    connection.socket.resume();
  } else if (step.pause_ms !== undefined) {
    await new Promise((resolve) => setTimeout(resolve, step.pause_ms));
  } else if (step.end === true) {
    connection.socket.end();
  } else if (step.close === true || step.reset === true) {
    connection.leave(step.close === true ? "close" : "reset");
  }
}

/** Whether a step over HTTP/2 is more than one over any connection. */
function isSent({ request, data, rst, frames, trailers }: Step): boolean {
  return [request, data, rst, frames, trailers].some((verb) => verb !== undefined);
}

/** The bytes that a sending step puts on the wire of HTTP/1. */
export function stepBytes(step: Step): Buffer {
  if (step.raw !== undefined) {
    const parts = typeof step.raw === "string" ? [step.raw] : step.raw;
    const text = parts.map((part) => (typeof part === "string" ? part : part[0].repeat(part[1])));
    return Buffer.from(text.join(""), "latin1");
  }
  const body = step.body_bytes === undefined ? (step.body ?? "") : "x".repeat(step.body_bytes);
  const headers = step.headers ?? [];
  const lines = [`${step.request} HTTP/${step.version ?? "1.1"}`];
  if (step.host !== null) lines.push(`Host: ${step.host ?? "a.test"}`);
  lines.push(...headers);
  const framed = headers.some((line) => /^(?:content-length|transfer-encoding)\s*:/i.test(line));
  if (!framed && (step.body !== undefined || step.body_bytes !== undefined)) {
    lines.push(`Content-Length: ${body.length}`);
  }
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n${body}`, "latin1");
}

async function sendPieces(
  connection: ClientConnection,
  bytes: Buffer,
  size: number | undefined,
): Promise<void> {
  if (size === undefined) {
    connection.send(bytes);
    return;
  }
  for (let at = 0; at < bytes.length; at += size) {
    connection.send(bytes.subarray(at, at + size));
    await new Promise((resolve) => setTimeout(resolve, PIECE_GAP_MS));
  }
}

/** The methods of the requests in `bytes`, as far as they look like any; a response to HEAD has no body. */
function methodsIn(bytes: Buffer): string[] {
  const heads = bytes.toString("latin1").matchAll(/^([A-Za-z-]+) \S+ HTTP\/\d/gm);
  return [...heads].map((match) => match[1]!);
}
