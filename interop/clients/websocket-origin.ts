import { EventEmitter } from "node:events";
import type { Server } from "node:http";
import { loadPackage } from "../harness/counterparts.ts";

/** What is used of the package `ws`. */
export interface WsPackage {
  readonly WebSocket: new (url: string, options?: object) => WsSocket;
  readonly WebSocketServer: new (options: {
    server: Server;
    perMessageDeflate?: boolean;
  }) => EventEmitter;
}

export interface WsSocket extends EventEmitter {
  send(data: string | Buffer, done?: (error?: Error) => void): void;
  ping(data: Buffer): void;
  close(code?: number, reason?: string): void;
  terminate(): void;
}

/** Every upgrade of a server becomes a WebSocket that sends back what it gets. Nothing, when `ws` is not installed. */
export function acceptWebSockets(server: Server): void {
  const ws = loadPackage("ws") as WsPackage | null;
  if (ws === null) return;
  new ws.WebSocketServer({ server }).on("connection", (socket: WsSocket) => {
    socket.on("error", () => {});
    socket.on("message", (data: Buffer, isBinary: boolean) => {
      socket.send(isBinary ? data : data.toString("utf8"));
    });
  });
}
