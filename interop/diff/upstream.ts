import type { Socket as UdpSocket } from "node:dgram";
import { createServer, type Server, type Socket } from "node:net";
import { PREFACE } from "../harness/http2/frames.ts";
import { Http2Session, type SessionOptions } from "../harness/http2/session.ts";
import { MessageReader } from "../harness/message-reader.ts";
import {
  createTlsServer,
  upstreamTlsFacts,
  type UpstreamTls,
  type UpstreamTlsFacts,
} from "./tls/upstream-tls.ts";
import {
  leave,
  pause,
  send,
  type AnswerSource,
  type UpstreamConnection,
} from "./upstream-connection.ts";
import { takeHttp1 } from "./upstream-http1.ts";
import { serveHttp2 } from "./upstream-http2.ts";
import type { Answer, TcpAct, UpstreamScript } from "./upstream-script.ts";
import { listenUdp } from "./upstream-udp.ts";

const DEFAULT_ANSWER: Answer = {};

/** A recording server that follows a script. */
export class Upstream {
  readonly connections: UpstreamConnection[] = [];
  /** Requests in the order in which their heads came, over all connections. */
  readonly order: { readonly connection: number; readonly index: number }[] = [];
  readonly #script: UpstreamScript;
  readonly #http2Options: SessionOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #udp: UdpSocket | null = null;
  #answered = 0;

  /** `tls.folder` has the certificates. */
  constructor(
    script: UpstreamScript | undefined,
    http2Options: SessionOptions = {},
    tls: (UpstreamTls & { readonly folder: string }) | null = null,
  ) {
    this.#script = script ?? [DEFAULT_ANSWER];
    this.#http2Options = http2Options;
    this.#server =
      tls === null
        ? createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
            this.#accept(socket, null),
          )
        : createTlsServer(tls, tls.folder, (socket) =>
            this.#accept(socket, upstreamTlsFacts(socket)),
          );
    // Over TLS also those whose handshake is not through.
    this.#server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
    });
  }

  /** False for a script of bytes. */
  get speaksHttp(): boolean {
    return Array.isArray(this.#script) || typeof this.#script === "string";
  }

  /** Listens on 127.0.0.1, if the script wants anybody to listen. */
  async listen(port: number): Promise<void> {
    if (typeof this.#script === "string") return;
    if ("udp" in this.#script) {
      this.#udp = await listenUdp(port, this.#script.udp, this.connections);
      return;
    }
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, "127.0.0.1", resolve);
    });
  }

  /** Ends all connections and the server. */
  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#udp?.close();
    if (!this.#server.listening) return;
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(socket: Socket, tls: UpstreamTlsFacts | null): void {
    const connection: UpstreamConnection = {
      peer: `127.0.0.1:${socket.remotePort}`,
      tls,
      reader: new MessageReader("request"),
      http2: null,
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
    else if (typeof this.#script === "object" && "tcp" in this.#script)
      void this.#serveTcp(socket, connection, this.#script.tcp);
  }

  /** HTTP/2 begins with a preface that no request of HTTP/1 begins with. */
  #serveHttp(socket: Socket, connection: UpstreamConnection, script: readonly Answer[]): void {
    const upcoming = (): Answer =>
      script[Math.min(this.#answered, script.length - 1)] ?? DEFAULT_ANSWER;
    const begin = (): Answer => {
      const answer = upcoming();
      this.#answered += 1;
      return answer;
    };
    const number = this.connections.indexOf(connection);
    const source: AnswerSource = {
      upcoming,
      begin,
      note: (index) => this.order.push({ connection: number, index }),
    };
    let take: ((data: Buffer) => void) | null = null;
    if (upcoming().at === "connect")
      take = takerOf(
        upcoming().frames !== undefined,
        socket,
        connection,
        source,
        this.#http2Options,
      );
    let first: Buffer = Buffer.alloc(0);
    socket.on("data", (data: Buffer) => {
      connection.bytesReceived += data.length;
      if (take !== null) {
        take(data);
        return;
      }
      first = Buffer.concat([first, data]);
      const known = Math.min(first.length, PREFACE.length);
      const isHttp2 = first.subarray(0, known).equals(PREFACE.subarray(0, known));
      if (isHttp2 && known < PREFACE.length) return;
      take = takerOf(isHttp2, socket, connection, source, this.#http2Options);
      take(first);
    });
    socket.on("end", () => {
      if (connection.fate === "open") connection.fate = "closed";
      socket.end();
    });
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

function takerOf(
  isHttp2: boolean,
  socket: Socket,
  connection: UpstreamConnection,
  source: AnswerSource,
  options: SessionOptions,
): (data: Buffer) => void {
  return isHttp2
    ? takeHttp2(socket, connection, source, options)
    : takeHttp1(socket, connection, source);
}

function takeHttp2(
  socket: Socket,
  connection: UpstreamConnection,
  source: AnswerSource,
  options: SessionOptions,
): (data: Buffer) => void {
  const write = (bytes: Buffer): void => send(socket, connection, bytes);
  const session = new Http2Session("server", options, write);
  connection.http2 = session;
  serveHttp2({
    session,
    upcoming: source.upcoming,
    begin: source.begin,
    write,
    leave: (how) => leave(socket, how),
  });
  let noted = 0;
  return (data) => {
    session.push(data);
    for (; noted < session.messages.length; noted += 1) source.note(noted);
  };
}
