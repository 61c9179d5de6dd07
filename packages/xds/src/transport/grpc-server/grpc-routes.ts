import type { DescMethod, DescMethodBiDiStreaming } from "@bufbuild/protobuf";
import type { ConnectRouter } from "@connectrpc/connect";
import type { XdsServer } from "../../server/server.ts";
import { ADS_SERVICE, serviceOf } from "../../types/discovery-messages.ts";
import type { DeltaDiscoveryRequest, DiscoveryRequest } from "../../types/discovery-messages.ts";
import { RESOURCE_TYPES } from "../../types/resource-type.ts";
import { deltaMessage, sotwMessage } from "../response-message.ts";
import { serveStream } from "./serve-stream.ts";

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
  addService(router, server, identifier, ADS_SERVICE, undefined);
  for (const { service, typeUrl } of RESOURCE_TYPES) {
    if (service !== undefined) addService(router, server, identifier, service, typeUrl);
  }
}

/** The two streams of a service are told apart by their names: `StreamClusters` and `DeltaClusters`. */
function addService(
  router: ConnectRouter,
  server: XdsServer,
  identifier: string,
  service: string,
  typeUrl: string | undefined,
): void {
  const type = typeUrl === undefined ? {} : { typeUrl };
  for (const method of serviceOf(service).methods) {
    if (!isBidirectional(method)) continue;
    if (method.name.startsWith("Delta")) {
      router.rpc(method, (requests) =>
        serveStream(
          (open) => server.openDelta({ ...type, ...open }),
          requests as AsyncIterable<DeltaDiscoveryRequest>,
          (response) => deltaMessage(response, identifier),
        ),
      );
    } else {
      router.rpc(method, (requests) =>
        serveStream(
          (open) => server.openSotw({ ...type, ...open }),
          requests as AsyncIterable<DiscoveryRequest>,
          (response) => sotwMessage(response, identifier),
        ),
      );
    }
  }
}

function isBidirectional(method: DescMethod): method is DescMethodBiDiStreaming {
  return method.methodKind === "bidi_streaming";
}
