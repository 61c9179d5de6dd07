import type { HttpInspector } from "@nuncio/api/types/envoy/extensions/filters/listener/http_inspector/v3/http_inspector_pb";
import { HTTP_INSPECTOR_STATS } from "../../../observe/stats/tables/http-inspector.ts";
import type { ListenerFilterConfigSide } from "../extension.ts";
import type { HttpInspectorConfig } from "./model.ts";

const TYPE = "envoy.extensions.filters.listener.http_inspector.v3.HttpInspector";

/** Main side of the HTTP inspector. */
export const httpInspectorConfigSide: ListenerFilterConfigSide<HttpInspector, HttpInspectorConfig> =
  {
    configType: TYPE,
    implemented: { [TYPE]: "all" },
    compile: (_config, ctx) => ({
      scope: ctx.stats.scope("http_inspector.", HTTP_INSPECTOR_STATS),
    }),
  };
