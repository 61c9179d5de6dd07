import { DISCOVERED } from "../../extension/model.ts";
import { discoveredFilterSide } from "../discovered/filter.ts";
import { routerWorkerSide } from "../router/worker-side.ts";
import { corsWorkerSide } from "./cors/filter.ts";
import { extAuthzWorkerSide } from "./ext-authz/filter.ts";
import type { HttpFilterWorkerSide } from "./extension.ts";
import { grpcHttp1BridgeWorkerSide } from "./grpc-http1-bridge/filter.ts";
import { grpcHttp1ReverseBridgeWorkerSide } from "./grpc-http1-reverse-bridge/filter.ts";
import { grpcStatsWorkerSide } from "./grpc-stats/filter.ts";
import { grpcWebWorkerSide } from "./grpc-web/filter.ts";
import { headerMutationWorkerSide } from "./header-mutation/filter.ts";
import { healthCheckWorkerSide } from "./health-check/filter.ts";
import { onDemandWorkerSide } from "./on-demand/filter.ts";
import { statefulSessionWorkerSide } from "./stateful-session/filter.ts";

/** The worker sides of all HTTP filters; see `main-registry.ts` for the other. */
const SIDES: readonly HttpFilterWorkerSide[] = [
  corsWorkerSide,
  extAuthzWorkerSide,
  grpcHttp1BridgeWorkerSide,
  grpcHttp1ReverseBridgeWorkerSide,
  grpcStatsWorkerSide,
  grpcWebWorkerSide,
  headerMutationWorkerSide,
  healthCheckWorkerSide,
  onDemandWorkerSide,
  routerWorkerSide,
  statefulSessionWorkerSide,
];

const byType = new Map(SIDES.map((side) => [side.configType, side]));

/** By the type name of the filter's configuration; one that comes by ECDS stands for any of them. */
export const httpFilterWorkerSides: ReadonlyMap<string, HttpFilterWorkerSide> = new Map([
  ...byType,
  [DISCOVERED, discoveredFilterSide(byType) as HttpFilterWorkerSide],
]);
