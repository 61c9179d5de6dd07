import type { Config } from "@nuncio/api/types/envoy/extensions/filters/http/grpc_http1_bridge/v3/config_pb";
import type { HttpFilterConfigSide } from "../extension.ts";
import type { GrpcHttp1BridgeConfig } from "./model.ts";

const TYPE = "envoy.extensions.filters.http.grpc_http1_bridge.v3.Config";

/** Main side of the bridge from HTTP/1 to gRPC. */
export const grpcHttp1BridgeConfigSide: HttpFilterConfigSide<Config, never, GrpcHttp1BridgeConfig> =
  {
    name: "envoy.filters.http.grpc_http1_bridge",
    configType: TYPE,
    terminal: false,
    implemented: { [TYPE]: "all" },
    compile: ({ upgradeProtobufToGrpc, ignoreQueryParameters }) => ({
      upgradeProtobufToGrpc,
      ignoreQueryParameters,
    }),
  };
