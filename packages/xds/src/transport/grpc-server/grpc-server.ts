import http2 from "node:http2";
import type { AddressInfo } from "node:net";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import type { XdsServer } from "../../server/server.ts";
import { clientStatusRoutes } from "./client-status-routes.ts";
import { xdsGrpcRoutes } from "./grpc-routes.ts";
import type { GrpcRoutesOptions } from "./grpc-routes.ts";
import { keepAlive } from "./keep-alive.ts";
import { loadStatsRoutes, type LoadReportOptions } from "./load-stats-routes.ts";
import { isPlainCall, servePlainCall } from "./plain-call.ts";
import { xdsMethods } from "./xds-methods.ts";

/** Settings of a server of its own. */
export interface GrpcServerOptions extends GrpcRoutesOptions {
  /** Takes load reports on the same port; there is no such service unless given. */
  readonly loadReports?: LoadReportOptions;
  /** Tells what all clients have (CSDS) whoever asks on the same port; false unless given. */
  readonly clientStatus?: boolean;
  /** 127.0.0.1 unless given. */
  readonly host?: string;
  /** 0, any free one, unless given. */
  readonly port?: number;
  /** A Unix socket in the place of host and port. */
  readonly path?: string;
  /** Keys and certificates; HTTP/2 without TLS unless given. */
  readonly tls?: http2.SecureServerOptions;
  /** The longest request in bytes: 16 MiB unless given. On a new stream a delta client names all that it has. */
  readonly maxRequestBytes?: number;
  /** A connection is pinged so often, and given up when it has not answered by the next time: 30,000 unless given. */
  readonly keepaliveMs?: number;
}

/** A server that listens. */
export interface ListeningServer {
  /** Of a Unix socket: its path, of the family `unix`. */
  readonly address: AddressInfo;
  /** Ends all streams and connections, and resolves when the port is free. */
  close(): Promise<void>;
}

/** Never: the same bytes go to all clients, and would be compressed for each. */
const COMPRESS_FROM_BYTES = 0xffff_ffff;

/** Serves xDS by gRPC on a port or a Unix socket. Rejects when that cannot be had. */
export async function listenGrpc(
  xds: XdsServer,
  options: GrpcServerOptions = {},
): Promise<ListeningServer> {
  const { identifier = "nuncio", maxRequestBytes = 16 * 1024 * 1024 } = options;
  const methods = new Map(xdsMethods(xds, identifier).map((method) => [method.path, method]));
  const others = connectNodeAdapter({
    routes(router) {
      xdsGrpcRoutes(router, xds, options);
      if (options.clientStatus === true) clientStatusRoutes(router, xds);
      if (options.loadReports !== undefined) loadStatsRoutes(router, options.loadReports);
    },
    grpcWeb: false,
    connect: false,
    readMaxBytes: maxRequestBytes,
    compressMinBytes: COMPRESS_FROM_BYTES,
  });
  const handler = (
    request: http2.Http2ServerRequest,
    response: http2.Http2ServerResponse,
  ): void => {
    const method = isPlainCall(request.headers) ? methods.get(request.url) : undefined;
    if (method === undefined) others(request, response);
    else servePlainCall(response, method, maxRequestBytes);
  };
  const server =
    options.tls === undefined
      ? http2.createServer(handler)
      : http2.createSecureServer(options.tls, handler);
  const sessions = new Set<http2.ServerHttp2Session>();
  server.on("session", (session) => {
    sessions.add(session);
    keepAlive(session, options.keepaliveMs ?? 30_000);
    session.once("close", () => sessions.delete(session));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    const { path, port = 0, host = "127.0.0.1" } = options;
    server.listen(path === undefined ? { port, host } : { path }, resolve);
  });
  const address = server.address() as AddressInfo | string;
  return {
    address: typeof address === "string" ? { address, family: "unix", port: 0 } : address,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const session of sessions) session.destroy();
      }),
  };
}
