import { connect, type Socket } from "node:net";
import { Http2Session } from "../harness/http2/session.ts";
import { MessageReader } from "../harness/message-reader.ts";
import type { Setup } from "./case.ts";
import { Http2Client } from "./http2-step.ts";
import { ClientTlsConnection } from "./tls/client-tls.ts";

/** A connection that ends within this time after its last byte was closed at once, else after base.yaml's delayed_close_timeout. */
const AT_ONCE_MS = 220;

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

  /** Sends what the socket was told to keep, in one piece. */
  flush(): void {
    while (this.socket.writableCorked > 0) this.socket.uncork();
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
