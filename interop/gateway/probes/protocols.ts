import type { Server as HttpServer } from "node:http";
import type { Http2Server } from "node:http2";
import type { Socket } from "node:net";
import { duplexPair } from "node:stream";
import { TLSSocket, type SecureContext } from "node:tls";

/** The first byte of a ClientHello's record. */
const TLS_HANDSHAKE = 0x16;

/** Who serves a connection, by what it begins with. */
export interface Protocols {
  readonly http1: HttpServer;
  readonly http2: Http2Server;
  /** Neither of the two. */
  readonly raw: (socket: Socket) => void;
  readonly secureContext: SecureContext;
}

/** Serves whatever a client speaks, inside of TLS as well. */
export function serve(socket: Socket, protocols: Protocols): void {
  socket.on("error", () => socket.destroy());
  socket.once("data", (first: Buffer) => {
    socket.pause();
    socket.unshift(first);
    if (first[0] === TLS_HANDSHAKE) serve(endTls(socket, protocols), protocols);
    else hand(socket, first.toString("latin1", 0, 24), protocols);
  });
}

function endTls(socket: Socket, { secureContext }: Protocols): TLSSocket {
  return new TLSSocket(socket, {
    isServer: true,
    secureContext,
    ALPNProtocols: ["h2", "http/1.1"],
  });
}

/**
 * The preface of HTTP/2 begins as no request of HTTP/1 of these tests does. A session of HTTP/2 reads from below a socket, where
 * what was looked at is no more: it is given a stream.
 */
function hand(socket: Socket, start: string, { http1, http2, raw }: Protocols): void {
  if (start.startsWith("PRI ")) {
    const [inner, outer] = duplexPair();
    http2.emit("connection", inner);
    socket.pipe(outer).pipe(socket);
    return;
  }
  if (/^[A-Z]+ /.test(start)) http1.emit("connection", socket);
  else raw(socket);
  socket.resume();
}
