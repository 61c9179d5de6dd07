import { once } from "node:events";
import { createServer as createHttpServer, type RequestListener } from "node:http";
import { createSecureServer } from "node:http2";
import { createServer, type Socket } from "node:net";
import type { Certificate } from "../harness/certificate.ts";

/** The first byte of a TLS connection. */
const HANDSHAKE = 0x16;

/** A server in place of an example's own. */
export interface StandIn {
  close(): void;
}

/** Serves HTTP/1, over TLS HTTP/2 as well, and tells who it is and what it was reached by: `service-http over plain`. */
export async function startStandIn(
  name: string,
  port: number,
  { cert, key }: Certificate,
): Promise<StandIn> {
  const answer =
    (layer: string): RequestListener =>
    (_request, response) =>
      void response.end(`${name} over ${layer}`);
  const plain = createHttpServer(answer("plain"));
  const secure = createSecureServer({ cert, key, allowHTTP1: true });
  secure.on("request", answer("tls") as never);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    socket.once("readable", () => {
      const first = socket.read() as Buffer | null;
      if (first === null) return;
      socket.unshift(first);
      (first[0] === HANDSHAKE ? secure : plain).emit("connection", socket);
    });
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
