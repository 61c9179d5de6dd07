import type { FilterConfig } from "@nuncio/api/types/envoy/extensions/filters/http/grpc_stats/v3/config_pb";
import { toByteString } from "../../../observe/format/byte-string.ts";
import type { HttpFilterConfigSide } from "../extension.ts";
import type { GrpcStatsConfig } from "./model.ts";

const TYPE = "envoy.extensions.filters.http.grpc_stats.v3.FilterConfig";
const METHODS = "envoy.config.core.v3.GrpcMethodList";

/** Main side of the filter that counts gRPC. */
export const grpcStatsConfigSide: HttpFilterConfigSide<FilterConfig, never, GrpcStatsConfig> = {
  name: "envoy.filters.http.grpc_stats",
  configType: TYPE,
  terminal: false,
  implemented: { [TYPE]: "all", [METHODS]: "all", [`${METHODS}.Service`]: "all" },
  compile: (message) => ({
    allMethods:
      message.perMethodStatSpecifier.case === "statsForAllMethods" &&
      message.perMethodStatSpecifier.value.value,
    listed: listedMethods(message),
    replaceDots: message.replaceDotsInGrpcServiceName,
    emitFilterState: message.emitFilterState,
    upstreamTimes: message.enableUpstreamStats,
  }),
};

function listedMethods({ perMethodStatSpecifier }: FilterConfig): GrpcStatsConfig["listed"] {
  if (perMethodStatSpecifier.case !== "individualMethodStatsAllowlist") return [];
  return perMethodStatSpecifier.value.services.flatMap(({ name, methodNames }) =>
    methodNames.map((method) => {
      const service = toByteString(name);
      return [`/${service}/${toByteString(method)}`, `${service}.${toByteString(method)}`] as const;
    }),
  );
}
