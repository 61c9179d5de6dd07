import type {
  FilterConfig,
  FilterConfigPerRoute,
} from "@nuncio/api/types/envoy/extensions/filters/http/grpc_http1_reverse_bridge/v3/config_pb";
import { toByteString } from "../../../observe/format/byte-string.ts";
import type { HttpFilterConfigSide } from "../extension.ts";
import type { GrpcHttp1ReverseBridgeConfig, GrpcHttp1ReverseBridgePerRoute } from "./model.ts";

const PACKAGE = "envoy.extensions.filters.http.grpc_http1_reverse_bridge.v3";

/** Main side of the bridge from gRPC to HTTP/1. */
export const grpcHttp1ReverseBridgeConfigSide: HttpFilterConfigSide<
  FilterConfig,
  FilterConfigPerRoute,
  GrpcHttp1ReverseBridgeConfig,
  GrpcHttp1ReverseBridgePerRoute
> = {
  name: "envoy.filters.http.grpc_http1_reverse_bridge",
  configType: `${PACKAGE}.FilterConfig`,
  perRouteType: `${PACKAGE}.FilterConfigPerRoute`,
  terminal: false,
  implemented: {
    [`${PACKAGE}.FilterConfig`]: "all",
    [`${PACKAGE}.FilterConfigPerRoute`]: "all",
  },
  compile: ({ contentType, withholdGrpcFrames, responseSizeHeader }) => ({
    contentType: toByteString(contentType),
    withholdGrpcFrames,
    // Without frames to make nobody needs the size.
    responseSizeHeader: withholdGrpcFrames ? responseSizeHeader.toLowerCase() : "",
  }),
  compilePerRoute: ({ disabled }) => ({ disabled }),
};
