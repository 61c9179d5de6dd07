import type { ConnectRouter } from "@connectrpc/connect";
import type { XdsServer } from "../../server/server.ts";
import { serveStream } from "./serve-stream.ts";
import { xdsMethods } from "./xds-methods.ts";

/** Settings of the gRPC services. */
export interface GrpcRoutesOptions {
  /** How the server calls itself in each response: Envoy shows it as the stat `control_plane.identifier`. */
  readonly identifier?: string;
}

/** Adds ADS and the services of the single types to a router, for a server that has other services as well. */
export function xdsGrpcRoutes(
  router: ConnectRouter,
  server: XdsServer,
  { identifier = "nuncio" }: GrpcRoutesOptions = {},
): void {
  for (const { desc, open, toMessage } of xdsMethods(server, identifier))
    router.rpc(desc, (requests) => serveStream(open, requests, toMessage));
}
