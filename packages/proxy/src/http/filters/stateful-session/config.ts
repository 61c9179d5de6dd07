import type {
  StatefulSession,
  StatefulSessionPerRoute,
} from "@nuncio/api/types/envoy/extensions/filters/http/stateful_session/v3/stateful_session_pb";
import type { CompileContext } from "../../../config/context.ts";
import { STATEFUL_SESSION_STATS } from "../../../observe/stats/tables/stateful-session.ts";
import type { HttpFilterConfigSide } from "../extension.ts";
import type { StatefulSessionConfig, StatefulSessionRouteConfig } from "./model.ts";
import { compileSessionState, implemented } from "./session-state-config.ts";

const PACKAGE = "envoy.extensions.filters.http.stateful_session.v3";
const DEFAULT_STATUS = 503;

/** Main side of the filter that keeps clients with their hosts. */
export const statefulSessionConfigSide: HttpFilterConfigSide<
  StatefulSession,
  StatefulSessionPerRoute,
  StatefulSessionConfig,
  StatefulSessionRouteConfig
> = {
  name: "envoy.filters.http.stateful_session",
  configType: `${PACKAGE}.StatefulSession`,
  perRouteType: `${PACKAGE}.StatefulSessionPerRoute`,
  terminal: false,
  implemented: {
    ...implemented,
    [`${PACKAGE}.StatefulSession`]: "all",
    [`${PACKAGE}.StatefulSessionPerRoute`]: "all",
  },
  compile: (message, ctx, { statPrefix }) => compileSession(message, statPrefix, ctx),
  // What routes count stands by itself, as in Envoy.
  compilePerRoute: ({ override }, ctx) =>
    override.case === "statefulSession" ? compileSession(override.value, "", ctx) : null,
};

function compileSession(
  message: StatefulSession,
  scopePrefix: string,
  ctx: CompileContext,
): StatefulSessionConfig {
  const { sessionState, strict, statPrefix, statusOnStrictDestinationNotFound: status } = message;
  const prefix = `${scopePrefix}stateful_session.${statPrefix}.`;
  return {
    sessionState: sessionState === undefined ? null : compileSessionState(sessionState, ctx),
    strict,
    statusWhenMissing: strict && status !== 0 ? status : DEFAULT_STATUS,
    scope: statPrefix === "" ? null : ctx.stats.scope(prefix, STATEFUL_SESSION_STATS),
  };
}
