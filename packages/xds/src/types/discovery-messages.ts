import type { DescMessage, DescService, Message } from "@bufbuild/protobuf";
import type { GenMessage } from "@bufbuild/protobuf/codegenv2";
import { envoyTypes } from "@nuncio/api";
import type {
  DeltaDiscoveryRequest,
  DeltaDiscoveryResponse,
  DiscoveryRequest,
  DiscoveryResponse,
  Resource,
} from "@nuncio/api/types/envoy/service/discovery/v3/discovery_pb";

export type {
  DeltaDiscoveryRequest,
  DeltaDiscoveryResponse,
  DiscoveryRequest,
  DiscoveryResponse,
  Resource,
};

const PACKAGE = "envoy.service.discovery.v3";

/** The service that carries all types on one stream. */
export const ADS_SERVICE = `${PACKAGE}.AggregatedDiscoveryService`;

/** Descriptors of the messages of the discovery services. */
export interface DiscoverySchemas {
  readonly request: GenMessage<DiscoveryRequest>;
  readonly response: GenMessage<DiscoveryResponse>;
  readonly deltaRequest: GenMessage<DeltaDiscoveryRequest>;
  readonly deltaResponse: GenMessage<DeltaDiscoveryResponse>;
  readonly resource: GenMessage<Resource>;
}

let schemas: DiscoverySchemas | undefined;

/** The descriptors, made at the first call. */
export function discoverySchemas(): DiscoverySchemas {
  schemas ??= {
    request: schemaOf("DiscoveryRequest"),
    response: schemaOf("DiscoveryResponse"),
    deltaRequest: schemaOf("DeltaDiscoveryRequest"),
    deltaResponse: schemaOf("DeltaDiscoveryResponse"),
    resource: schemaOf("Resource"),
  };
  return schemas;
}

/** The descriptor of a service such as `envoy.service.cluster.v3.ClusterDiscoveryService`. */
export function serviceOf(typeName: string): DescService {
  const service = envoyTypes().getService(typeName);
  if (service === undefined) throw new Error(`no service is called ${typeName}`);
  return service;
}

function schemaOf<Shape extends Message>(name: string): GenMessage<Shape> {
  const desc: DescMessage | undefined = envoyTypes().getMessage(`${PACKAGE}.${name}`);
  if (desc === undefined) throw new Error(`no descriptor of ${name}`);
  return desc as GenMessage<Shape>;
}
