import type { HttpFilterWorkerSide } from "../filters/extension.ts";
import { RouterFilter } from "./filter.ts";
import type { RouterConfig } from "./model.ts";
import { Router } from "./router.ts";

/** Worker side of the router filter. */
export const routerWorkerSide: HttpFilterWorkerSide<RouterConfig> = {
  configType: "envoy.extensions.filters.http.router.v3.Router",
  build(config, _worker, { services, routerStatsBase }) {
    const router = new Router(config, services, routerStatsBase);
    return { create: () => new RouterFilter(router), close: () => router.close() };
  },
};
