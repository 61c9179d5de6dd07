import { routerConfigSide } from "../router/config.ts";
import { corsConfigSide } from "./cors/config.ts";
import { extAuthzConfigSide } from "./ext-authz/config.ts";
import type { HttpFilterConfigSide, HttpFilterRegistry } from "./extension.ts";
import { grpcHttp1BridgeConfigSide } from "./grpc-http1-bridge/config.ts";
import { grpcHttp1ReverseBridgeConfigSide } from "./grpc-http1-reverse-bridge/config.ts";
import { grpcStatsConfigSide } from "./grpc-stats/config.ts";
import { grpcWebConfigSide } from "./grpc-web/config.ts";
import { headerMutationConfigSide } from "./header-mutation/config.ts";
import { healthCheckConfigSide } from "./health-check/config.ts";
import { onDemandConfigSide } from "./on-demand/config.ts";
import { statefulSessionConfigSide } from "./stateful-session/config.ts";

/** Nothing registers itself by being imported: a filter stands here or is not there. */
const SIDES: readonly HttpFilterConfigSide[] = [
  corsConfigSide,
  extAuthzConfigSide,
  grpcHttp1BridgeConfigSide,
  grpcHttp1ReverseBridgeConfigSide,
  grpcStatsConfigSide,
  grpcWebConfigSide,
  headerMutationConfigSide,
  healthCheckConfigSide,
  onDemandConfigSide,
  routerConfigSide,
  statefulSessionConfigSide,
];

export const httpFilterMainSides: HttpFilterRegistry = new Map(
  SIDES.map((side) => [side.configType, side]),
);
