import { create, toBinary } from "@bufbuild/protobuf";
import type { XdsResponse } from "../server/response.ts";
import { discoverySchemas } from "../types/discovery-messages.ts";
import type { DeltaDiscoveryResponse, DiscoveryResponse } from "../types/discovery-messages.ts";

/**
 * The message of a state-of-the-world response. Its resources are there as the bytes that the cache keeps, in the form of
 * fields that the runtime does not know: it writes those as they are, and encodes nothing twice.
 */
export function sotwMessage(response: XdsResponse, controlPlane: string): DiscoveryResponse {
  const message = create(discoverySchemas().response, {
    versionInfo: response.version,
    typeUrl: response.typeUrl,
    nonce: response.nonce,
    controlPlane: { identifier: controlPlane },
  });
  message.$unknown = response.resources.map(({ sotwField }) => sotwField);
  return message;
}

/** The message of a delta response, in the same way. */
export function deltaMessage(response: XdsResponse, controlPlane: string): DeltaDiscoveryResponse {
  const message = create(discoverySchemas().deltaResponse, {
    systemVersionInfo: response.version,
    typeUrl: response.typeUrl,
    nonce: response.nonce,
    removedResources: [...response.removed],
    controlPlane: { identifier: controlPlane },
  });
  message.$unknown = [
    ...response.resources.map(({ deltaField }) => deltaField),
    ...response.heartbeats.map(({ heartbeatField }) => heartbeatField),
  ];
  return message;
}

/** The bytes of a state-of-the-world response. */
export function sotwBytes(response: XdsResponse, controlPlane: string): readonly Uint8Array[] {
  return [toBinary(discoverySchemas().response, sotwMessage(response, controlPlane))];
}

/** The bytes of a delta response. Resources in pieces come last, and are not copied. */
export function deltaBytes(response: XdsResponse, controlPlane: string): readonly Uint8Array[] {
  const resources = response.resources.filter(({ pieces }) => pieces === undefined);
  const others = deltaMessage({ ...response, resources }, controlPlane);
  return [
    toBinary(discoverySchemas().deltaResponse, others),
    ...response.resources.flatMap(({ deltaPieces }) => deltaPieces ?? []),
  ];
}
