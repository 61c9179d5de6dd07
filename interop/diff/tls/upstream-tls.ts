import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createServer, type Server, type SecureVersion, type TLSSocket } from "node:tls";
import { commonNameOf, nameOf } from "./client-tls.ts";

/** How an upstream speaks TLS. */
export interface UpstreamTls {
  /** Name of its certificate; default `upstream`. */
  certificate?: string;
  /** Protocols that it knows, in order of preference. */
  alpn?: string[];
  /** Asks for a certificate and takes any. */
  asks_for_certificate?: true;
  min?: SecureVersion;
  max?: SecureVersion;
}

/** What an upstream saw of the proxy's TLS on one connection. */
export interface UpstreamTlsFacts {
  readonly sni: string;
  readonly alpn: string;
  readonly version: string;
  readonly cipher: string;
  readonly certificate: string;
  readonly resumed: boolean;
}

/** A server that shakes hands with whoever comes. */
export function createTlsServer(
  tls: UpstreamTls,
  folder: string,
  accept: (socket: TLSSocket) => void,
): Server {
  const name = tls.certificate ?? "upstream";
  const server = createServer(
    {
      allowHalfOpen: true,
      noDelay: true,
      cert: readFileSync(join(folder, `${name}.pem`)),
      key: readFileSync(join(folder, `${name}.key`)),
      minVersion: tls.min ?? "TLSv1.2",
      ...(tls.max !== undefined && { maxVersion: tls.max }),
      ...(tls.alpn !== undefined && { ALPNProtocols: tls.alpn }),
      requestCert: tls.asks_for_certificate === true,
      rejectUnauthorized: false,
    },
    accept,
  );
  // A handshake that fails is the proxy's to tell.
  server.on("tlsClientError", () => {});
  return server;
}

/** What is known of a connection that shook hands. */
export function upstreamTlsFacts(socket: TLSSocket): UpstreamTlsFacts {
  return {
    sni: nameOf(socket.servername),
    alpn: nameOf(socket.alpnProtocol),
    version: socket.getProtocol() ?? "",
    cipher: socket.getCipher().standardName,
    certificate: commonNameOf(socket),
    resumed: socket.isSessionReused(),
  };
}
