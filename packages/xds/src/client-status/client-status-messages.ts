import type { DescMethod, Message } from "@bufbuild/protobuf";
import type { GenMessage } from "@bufbuild/protobuf/codegenv2";
import { envoyTypes } from "@nuncio/api";
import type {
  ClientConfig,
  ClientConfig_GenericXdsConfig as GenericXdsConfig,
  ClientStatusRequest,
  ClientStatusResponse,
} from "@nuncio/api/types/envoy/service/status/v3/csds_pb";
import { serviceOf } from "../types/discovery-messages.ts";

export type { ClientConfig, ClientStatusRequest, ClientStatusResponse, GenericXdsConfig };

const PACKAGE = "envoy.service.status.v3";

/** Descriptors of the messages of client status (CSDS). */
export interface ClientStatusSchemas {
  readonly response: GenMessage<ClientStatusResponse>;
  readonly config: GenMessage<ClientConfig>;
  readonly resource: GenMessage<GenericXdsConfig>;
}

let schemas: ClientStatusSchemas | undefined;

/** The descriptors, made at the first call. */
export function clientStatusSchemas(): ClientStatusSchemas {
  schemas ??= {
    response: schemaOf("ClientStatusResponse"),
    config: schemaOf("ClientConfig"),
    resource: schemaOf("ClientConfig.GenericXdsConfig"),
  };
  return schemas;
}

/** `StreamClientStatus` and `FetchClientStatus`. */
export function clientStatusMethods(): readonly DescMethod[] {
  return serviceOf(`${PACKAGE}.ClientStatusDiscoveryService`).methods;
}

function schemaOf<Shape extends Message>(name: string): GenMessage<Shape> {
  return envoyTypes().getMessage(`${PACKAGE}.${name}`)! as GenMessage<Shape>;
}

// Enums have no run time. envoy.service.status.v3.ConfigStatus:
export const ConfigStatus = { SYNCED: 1, NOT_SENT: 2, STALE: 3, ERROR: 4 } as const;

/** envoy.admin.v3.ClientResourceStatus */
export const ClientResourceStatus = {
  REQUESTED: 1,
  DOES_NOT_EXIST: 2,
  ACKED: 3,
  NACKED: 4,
  RECEIVED_ERROR: 5,
  TIMEOUT: 6,
} as const;
