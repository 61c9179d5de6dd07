import { typeNameOfAny, unpack } from "@nuncio/api";
import type {
  OverloadAction,
  ScaleTimersOverloadActionConfig,
  ScaleTimersOverloadActionConfig_ScaleTimer as ScaleTimer,
  ShrinkHeapConfig,
} from "@nuncio/api/types/envoy/config/overload/v3/overload_pb";
import type { TimerMinimum } from "../base/timer-scale.ts";
import type { CompileContext } from "../config/context.ts";
import { compileDuration, durationMs } from "../config/durations.ts";
import type { ActionDefinition } from "./model.ts";
import { ACTION_PREFIX } from "./points.ts";

const SCALE_TIMERS = "envoy.config.overload.v3.ScaleTimersOverloadActionConfig";
const SHRINK_HEAP = "envoy.config.overload.v3.ShrinkHeapConfig";
const SHRINK_INTERVAL_MS = 10_000;

/** What the `typed_config` of an action says, or its absence. `others`: the actions before it. */
export function compileActionConfig(
  action: OverloadAction,
  others: readonly ActionDefinition[],
  ctx: CompileContext,
): Pick<ActionDefinition, "timerMinimums" | "shrinkIntervalMs"> {
  const { name, typedConfig } = action;
  if (name === `${ACTION_PREFIX}shrink_heap`)
    return { timerMinimums: [], shrinkIntervalMs: shrinkIntervalMs(action, ctx) };
  const none = { timerMinimums: [], shrinkIntervalMs: null };
  const reduces = name === `${ACTION_PREFIX}reduce_timeouts`;
  if (typedConfig === undefined) {
    if (reduces)
      ctx.problems.error(action, "typed_config", `overload action "${name}" requires typed_config`);
    return none;
  }
  const type = typeNameOfAny(typedConfig);
  if (type !== SCALE_TIMERS) {
    const text = `typed_config of overload action "${name}": expected ${SCALE_TIMERS}, got ${type}`;
    ctx.problems.error(action, "typed_config", text);
    return none;
  }
  if (!reduces && name.startsWith(ACTION_PREFIX)) {
    const text = `overload action name "${name}" conflicts with its typed config`;
    ctx.problems.error(action, "typed_config", text);
    return none;
  }
  const config = unpack<ScaleTimersOverloadActionConfig>(typedConfig);
  const timerMinimums = config === undefined ? [] : compileScale(config, name, others, ctx);
  return { timerMinimums, shrinkIntervalMs: null };
}

function compileScale(
  config: ScaleTimersOverloadActionConfig,
  name: string,
  others: readonly ActionDefinition[],
  ctx: CompileContext,
): (TimerMinimum | null)[] {
  const minimums: (TimerMinimum | null)[] = [];
  for (const timer of config.timerScaleFactors) {
    const kind = timer.timer;
    if (minimums[kind] !== undefined)
      ctx.problems.error(timer, "timer", `found duplicate entry for timer type ${kind}`);
    const other = others.find(({ timerMinimums }) => (timerMinimums[kind] ?? null) !== null);
    if (other !== undefined) {
      const text = `timer type is configured by both overload actions "${other.name}" and "${name}"`;
      ctx.problems.error(timer, "timer", text);
    }
    minimums[kind] = compileMinimum(timer, ctx);
  }
  return Array.from(minimums, (minimum) => minimum ?? null);
}

function compileMinimum(timer: ScaleTimer, ctx: CompileContext): TimerMinimum | null {
  const { case: kind, value } = timer.overloadAdjust;
  if (kind === "minScale") return { minScale: value.value / 100 };
  if (kind === undefined) return null;
  const minTimeoutMs = compileDuration(timer, "min_timeout", value, durationMs(value), ctx);
  return { minTimeoutMs };
}

function shrinkIntervalMs(action: OverloadAction, ctx: CompileContext): number {
  const { typedConfig, name } = action;
  if (typedConfig === undefined) return SHRINK_INTERVAL_MS;
  const type = typeNameOfAny(typedConfig);
  const config = type === SHRINK_HEAP ? unpack<ShrinkHeapConfig>(typedConfig) : undefined;
  if (config === undefined) {
    const text = `typed_config of overload action "${name}": expected ${SHRINK_HEAP}, got ${type}`;
    ctx.problems.error(action, "typed_config", text);
    return SHRINK_INTERVAL_MS;
  }
  if (config.maxUnfreedMemoryBytes !== undefined) {
    const text = "has no effect: what can be freed is known when it was collected";
    ctx.problems.warning(config, "max_unfreed_memory_bytes", text);
  }
  return compileDuration(config, "timer_interval", config.timerInterval, SHRINK_INTERVAL_MS, ctx);
}
