import type { DescMethod, DescMethodBiDiStreaming, Message } from "@bufbuild/protobuf";
import type { XdsResponse } from "../../server/response.ts";
import type { OpenStream, ServerStream, XdsServer } from "../../server/server.ts";
import { ADS_SERVICE, serviceOf } from "../../types/discovery-messages.ts";
import { RESOURCE_TYPES } from "../../types/resource-type.ts";
import { deltaBytes, deltaMessage, sotwBytes, sotwMessage } from "../response-message.ts";

/** A method of gRPC that is a stream of xDS. */
export interface XdsMethod {
  readonly desc: DescMethodBiDiStreaming;
  /** `/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources` */
  readonly path: string;
  readonly open: (open: Pick<OpenStream, "onReady">) => ServerStream<Message>;
  readonly toMessage: (response: XdsResponse) => Message;
  /** The bytes of that message, in pieces. */
  readonly toBytes: (response: XdsResponse) => readonly Uint8Array[];
}

/**
 * ADS and the services of the single types. The two streams of a service are told apart by their names: `StreamClusters` and
 * `DeltaClusters`.
 *
 * @param identifier how the server calls itself in each response
 */
export function xdsMethods(server: XdsServer, identifier: string): XdsMethod[] {
  return [
    ...methodsOf(server, identifier, ADS_SERVICE, {}),
    ...RESOURCE_TYPES.flatMap(({ service, typeUrl }) =>
      service === undefined ? [] : methodsOf(server, identifier, service, { typeUrl }),
    ),
  ];
}

function methodsOf(
  server: XdsServer,
  identifier: string,
  service: string,
  type: { readonly typeUrl?: string },
): XdsMethod[] {
  return serviceOf(service)
    .methods.filter(isBidirectional)
    .map((desc) => {
      const isDelta = desc.name.startsWith("Delta");
      return {
        desc,
        path: `/${service}/${desc.name}`,
        open: (open) => {
          const settings = { ...type, ...open };
          const stream = isDelta ? server.openDelta(settings) : server.openSotw(settings);
          return stream;
        },
        toMessage: (response) =>
          isDelta ? deltaMessage(response, identifier) : sotwMessage(response, identifier),
        toBytes: (response) =>
          isDelta ? deltaBytes(response, identifier) : sotwBytes(response, identifier),
      };
    });
}

function isBidirectional(method: DescMethod): method is DescMethodBiDiStreaming {
  return method.methodKind === "bidi_streaming";
}
