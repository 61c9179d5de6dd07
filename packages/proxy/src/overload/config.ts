import { didYouMean } from "@nuncio/api";
import type {
  LoadShedPoint,
  OverloadAction,
  OverloadManager,
} from "@nuncio/api/types/envoy/config/overload/v3/overload_pb";
import type { CompileContext } from "../config/context.ts";
import { compileDuration } from "../config/durations.ts";
import { compileActionConfig } from "./action-config.ts";
import type { ActionDefinition, OverloadDefinition } from "./model.ts";
import { compileMonitors } from "./monitor-config.ts";
import { ACTION_POINTS, ACTION_PREFIX, LOAD_SHED_POINTS, LOAD_SHED_PREFIX } from "./points.ts";
import { compileTriggers } from "./trigger-config.ts";

const REFRESH_INTERVAL_MS = 1000;
/** What a refresh is never asked for more often than. */
const REFRESH_INTERVAL_MS_MIN = 1;

/** Actions that main carries out, or tells workers of. */
const MAIN_ACTIONS: ReadonlySet<string> = new Set(["shrink_heap", "reduce_timeouts"]);

/** Envoy's actions that are not here, and why. */
const REFUSED_ACTIONS: ReadonlyMap<string, string> = new Map([
  [
    "reset_high_memory_stream",
    "not implemented yet: memory is not counted by stream; what a stream may hold is bounded by its buffer limits",
  ],
  [
    "close_idle_http_connections",
    "not implemented yet: it closes connections of HTTP/3, which there are none of",
  ],
]);

/** `overload_manager` of the bootstrap as plain data; null without. */
export function compileOverloadManager(
  config: OverloadManager | undefined,
  ctx: CompileContext,
): OverloadDefinition | null {
  if (config === undefined) return null;
  const monitors = compileMonitors(config, ctx);
  const actions = compileActions(config, new Set(monitors.map(({ name }) => name)), ctx);
  const refreshIntervalMs = compileDuration(
    config,
    "refresh_interval",
    config.refreshInterval,
    REFRESH_INTERVAL_MS,
    ctx,
  );
  return {
    refreshIntervalMs: Math.max(refreshIntervalMs, REFRESH_INTERVAL_MS_MIN),
    monitors,
    actions,
  };
}

function compileActions(
  config: OverloadManager,
  resources: ReadonlySet<string>,
  ctx: CompileContext,
): ActionDefinition[] {
  const names = new Set<string>();
  const actions: ActionDefinition[] = [];
  config.actions.forEach((action, index) => {
    const { name } = action;
    if (names.has(name))
      ctx.problems.error(config, "actions", `duplicate overload action ${name}`, index);
    names.add(name);
    if (!checkAction(action, ctx)) return;
    actions.push({
      name,
      point: actionPoint(name),
      loadShed: false,
      triggers: compileTriggers(action, `overload action ${name}`, resources, ctx),
      ...compileActionConfig(action, actions, ctx),
    });
  });
  const points = new Set<string>();
  config.loadshedPoints.forEach((point, index) => {
    const { name } = point;
    if (points.has(name))
      ctx.problems.error(config, "loadshed_points", `duplicate loadshed point ${name}`, index);
    points.add(name);
    if (names.has(name)) {
      const text = `load shed point "${name}" conflicts with an overload action of the same name`;
      ctx.problems.error(point, "name", text);
    } else actions.push(...compileLoadShedPoint(point, resources, ctx));
  });
  return actions;
}

/** False when there is no such action. One with timeouts to reduce may have any name. */
function checkAction(action: OverloadAction, ctx: CompileContext): boolean {
  const { name } = action;
  const bare = name.startsWith(ACTION_PREFIX) ? name.slice(ACTION_PREFIX.length) : null;
  if (bare !== null && (MAIN_ACTIONS.has(bare) || ACTION_POINTS.has(bare))) return true;
  const refused = REFUSED_ACTIONS.get(bare ?? "");
  if (refused !== undefined) {
    ctx.problems.error(action, "name", `${name}: ${refused}`);
    return false;
  }
  if (bare === null && action.typedConfig !== undefined) return true;
  const known = [...MAIN_ACTIONS, ...ACTION_POINTS.keys()].map((each) => ACTION_PREFIX + each);
  const reserved =
    action.typedConfig === undefined
      ? `unknown overload manager action ${name}`
      : `overload action name "${name}" uses reserved prefix "${ACTION_PREFIX}"`;
  ctx.problems.error(action, "name", `${reserved}${didYouMean(name, known)}`);
  return false;
}

function actionPoint(name: string): number | null {
  return ACTION_POINTS.get(name.slice(ACTION_PREFIX.length)) ?? null;
}

/** Envoy takes any name, and nobody ever asks for one that it does not know. */
function compileLoadShedPoint(
  point: LoadShedPoint,
  resources: ReadonlySet<string>,
  ctx: CompileContext,
): ActionDefinition[] {
  const { name } = point;
  const place = name.startsWith(LOAD_SHED_PREFIX)
    ? LOAD_SHED_POINTS.get(name.slice(LOAD_SHED_PREFIX.length))
    : undefined;
  if (place === undefined) {
    const known = [...LOAD_SHED_POINTS.keys()].map((each) => LOAD_SHED_PREFIX + each);
    const text = name.startsWith(`${LOAD_SHED_PREFIX}http3_`)
      ? `not implemented yet: load shed point ${name}: there is no HTTP/3`
      : `not implemented: load shed point ${name}${didYouMean(name, known)}`;
    ctx.problems.error(point, "name", text);
    return [];
  }
  return [
    {
      name,
      point: place,
      loadShed: true,
      triggers: compileTriggers(point, `LoadShedPoint ${name}`, resources, ctx),
      timerMinimums: [],
      shrinkIntervalMs: null,
    },
  ];
}
