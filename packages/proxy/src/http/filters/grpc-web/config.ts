import type { GrpcWeb } from "@nuncio/api/types/envoy/extensions/filters/http/grpc_web/v3/grpc_web_pb";
import type { HttpFilterConfigSide } from "../extension.ts";

const TYPE = "envoy.extensions.filters.http.grpc_web.v3.GrpcWeb";

/** Main side of the gRPC-Web filter, which has no settings. */
export const grpcWebConfigSide: HttpFilterConfigSide<GrpcWeb, never, null> = {
  name: "envoy.filters.http.grpc_web",
  configType: TYPE,
  terminal: false,
  implemented: { [TYPE]: "all" },
  compile: () => null,
};
