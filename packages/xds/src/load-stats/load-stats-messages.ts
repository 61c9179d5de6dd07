import type { DescMethod, Message } from "@bufbuild/protobuf";
import type { GenMessage } from "@bufbuild/protobuf/codegenv2";
import { envoyTypes } from "@nuncio/api";
import type { ClusterStats } from "@nuncio/api/types/envoy/config/endpoint/v3/load_report_pb";
import type {
  LoadStatsRequest,
  LoadStatsResponse,
} from "@nuncio/api/types/envoy/service/load_stats/v3/lrs_pb";
import { serviceOf } from "../types/discovery-messages.ts";

export type { ClusterStats, LoadStatsRequest, LoadStatsResponse };

/** Descriptors of the messages of load reports. */
export interface LoadStatsSchemas {
  readonly request: GenMessage<LoadStatsRequest>;
  readonly response: GenMessage<LoadStatsResponse>;
  readonly clusterStats: GenMessage<ClusterStats>;
}

/** The stream of load reports (`StreamLoadStats`). */
export function loadStatsMethod(): DescMethod {
  return serviceOf("envoy.service.load_stats.v3.LoadReportingService").methods.find(
    ({ name }) => name === "StreamLoadStats",
  )!;
}

let schemas: LoadStatsSchemas | undefined;

/** The descriptors, made at the first call. */
export function loadStatsSchemas(): LoadStatsSchemas {
  schemas ??= {
    request: schemaOf("envoy.service.load_stats.v3.LoadStatsRequest"),
    response: schemaOf("envoy.service.load_stats.v3.LoadStatsResponse"),
    clusterStats: schemaOf("envoy.config.endpoint.v3.ClusterStats"),
  };
  return schemas;
}

function schemaOf<Shape extends Message>(name: string): GenMessage<Shape> {
  return envoyTypes().getMessage(name)! as GenMessage<Shape>;
}
