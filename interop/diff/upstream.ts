import { createServer, type Server, type Socket } from "node:net";
import { MessageReader } from "../harness/message-reader.ts";
import { renderAnswer, type Answer, type TcpAct, type UpstreamScript } from "./upstream-script.ts";

const PIECE_GAP_MS = 30;
const DEFAULT_ANSWER: Answer = {};

/** What an upstream saw on one connection. */
export interface UpstreamConnection {
  /** The proxy's end, `127.0.0.1:port`. */
  readonly peer: string;
  readonly reader: MessageReader;
  /** Everything received; kept only for protocols that are not HTTP. */
  received: Buffer[];
  bytesReceived: number;
  bytesSent: number;
  /** What comes is sent back. */
  echoes: boolean;
  /** How the proxy left it, so far. */
  fate: "open" | "closed" | "reset";
}

/** A recording server that follows a script. */
export class Upstream {
  readonly connections: UpstreamConnection[] = [];
  /** Requests in the order in which their heads came, over all connections. */
  readonly order: { readonly connection: number; readonly index: number }[] = [];
  readonly #script: UpstreamScript;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #answered = 0;

  constructor(script: UpstreamScript | undefined) {
    this.#script = script ?? [DEFAULT_ANSWER];
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
      this.#accept(socket),
    );
  }

  /** False for a script of bytes. */
  get speaksHttp(): boolean {
    return Array.isArray(this.#script) || typeof this.#script === "string";
  }

  /** Listens on 127.0.0.1, if the script wants anybody to listen. */
  async listen(port: number): Promise<void> {
    if (typeof this.#script === "string") return;
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, "127.0.0.1", resolve);
    });
  }

  /** Ends all connections and the server. */
  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    if (!this.#server.listening) return;
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(socket: Socket): void {
    const connection: UpstreamConnection = {
      peer: `127.0.0.1:${socket.remotePort}`,
      reader: new MessageReader("request"),
      received: [],
      bytesReceived: 0,
      bytesSent: 0,
      echoes: false,
      fate: "open",
    };
    this.connections.push(connection);
    this.#sockets.add(socket);
    socket.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ECONNRESET") connection.fate = "reset";
    });
    socket.on("close", () => this.#sockets.delete(socket));
    if (Array.isArray(this.#script)) this.#serveHttp(socket, connection, this.#script);
    else if (typeof this.#script === "object")
      void this.#serveTcp(socket, connection, this.#script.tcp);
  }

  #serveHttp(socket: Socket, connection: UpstreamConnection, script: readonly Answer[]): void {
    const number = this.connections.indexOf(connection);
    let heads = 0;
    let begun = 0;
    let interims = 0;
    // Answers on one connection go out one after the other, whatever their delays.
    let queue = Promise.resolve();
    const begin = (answer: Answer, method: string): void => {
      begun += 1;
      this.#answered += 1;
      queue = queue.then(() => this.#answer(socket, connection, answer, method));
    };
    const upcoming = (): Answer =>
      script[Math.min(this.#answered, script.length - 1)] ?? DEFAULT_ANSWER;
    if (upcoming().at === "connect") begin(upcoming(), "GET");
    socket.on("data", (data: Buffer) => {
      connection.bytesReceived += data.length;
      connection.reader.push(data);
      if (connection.echoes) send(socket, connection, data);
      const messages = connection.reader.messages;
      for (; heads < messages.length; heads += 1)
        this.order.push({ connection: number, index: heads });
      const interim = upcoming().interim;
      if (interim !== undefined && interims < heads) {
        interims = heads;
        send(socket, connection, Buffer.from(interim, "latin1"));
      }
      for (let next = messages[begun]; next !== undefined; next = messages[begun]) {
        if (!next.complete && upcoming().at !== "head") break;
        begin(upcoming(), next.startLine.split(" ")[0] ?? "");
      }
    });
    socket.on("end", () => {
      if (connection.fate === "open") connection.fate = "closed";
      socket.end();
    });
  }

  async #answer(
    socket: Socket,
    connection: UpstreamConnection,
    answer: Answer,
    method: string,
  ): Promise<void> {
    if (answer.delay_ms !== undefined) await pause(answer.delay_ms);
    for (const [index, piece] of renderAnswer(answer, method).entries()) {
      if (index > 0) await pause(PIECE_GAP_MS);
      send(socket, connection, piece);
    }
    if (answer.afterwards === undefined) return;
    if (answer.hold_ms !== undefined) await pause(answer.hold_ms);
    if (answer.afterwards === "echo") {
      connection.echoes = true;
      send(socket, connection, connection.reader.rest);
    } else if (answer.afterwards === "close") socket.end();
    else socket.resetAndDestroy();
  }

  async #serveTcp(
    socket: Socket,
    connection: UpstreamConnection,
    acts: readonly TcpAct[],
  ): Promise<void> {
    let ended = false;
    let wake = (): void => {};
    socket.on("data", (data: Buffer) => {
      connection.bytesReceived += data.length;
      connection.received.push(Buffer.from(data));
      if (connection.echoes) send(socket, connection, data);
      wake();
    });
    const finish = (): void => {
      ended = true;
      wake();
    };
    socket.on("end", () => {
      if (connection.fate === "open") connection.fate = "closed";
      finish();
    });
    socket.on("close", finish);
    const until = async (reached: () => boolean): Promise<void> => {
      while (!reached() && !socket.destroyed) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    };
    for (const act of acts) {
      if (act.send !== undefined) send(socket, connection, Buffer.from(act.send, "latin1"));
      if (act.send_bytes !== undefined) send(socket, connection, Buffer.alloc(act.send_bytes, "x"));
      if (act.expect_bytes !== undefined) {
        const wanted = act.expect_bytes;
        await until(() => ended || connection.bytesReceived >= wanted);
      }
      if (act.expect_end === true) await until(() => ended);
      if (act.pause_ms !== undefined) await pause(act.pause_ms);
      if (act.echo === true) {
        connection.echoes = true;
        send(socket, connection, Buffer.concat(connection.received));
      }
      if (act.end === true) socket.end();
      if (act.reset === true) socket.resetAndDestroy();
    }
    // A server that is done closes when its client does; else proxies would wait for it.
    await until(() => ended);
    socket.end();
  }
}

function send(socket: Socket, connection: UpstreamConnection, data: Buffer): void {
  if (data.length === 0 || !socket.writable) return;
  connection.bytesSent += data.length;
  socket.write(data);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
