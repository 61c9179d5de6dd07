import net from "node:net";
import tls from "node:tls";

/** How the socket of a connection is made. */
export interface SocketOptions {
  /** Makes a socket that connects, with TLS where there is to be any; by the URL unless given. */
  readonly createConnection?: () => net.Socket;
  /** Of `https:`: who is trusted, and the client's own certificate. */
  readonly tls?: tls.ConnectionOptions;
}

/** A socket on its way to the host of a URL, for HTTP/2. */
export function openSocket(url: URL, options: SocketOptions): net.Socket {
  if (options.createConnection !== undefined) return options.createConnection();
  // IPv6 addresses stand in brackets.
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  if (url.protocol === "http:") return net.connect({ host, port: portOf(url, 80), noDelay: true });
  return tls
    .connect({
      host,
      port: portOf(url, 443),
      ALPNProtocols: ["h2"],
      ...(net.isIP(host) === 0 && { servername: host }),
      ...options.tls,
    })
    .setNoDelay(true);
}

/** Calls once the socket is connected, with TLS where it has any; not when it has failed by then. */
export function onceConnected(socket: net.Socket, call: () => void): void {
  socket.once(socket instanceof tls.TLSSocket ? "secureConnect" : "connect", () => {
    // Who judges the peer may have refused it.
    if (!socket.destroyed) call();
  });
}

function portOf({ port }: URL, otherwise: number): number {
  return port === "" ? otherwise : Number(port);
}
