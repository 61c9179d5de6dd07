import type {
  LoadShedPoint,
  OverloadAction,
  Trigger,
} from "@nuncio/api/types/envoy/config/overload/v3/overload_pb";
import type { CompileContext } from "../config/context.ts";
import type { TriggerDefinition } from "./model.ts";
import { DOWNSTREAM_CONNECTIONS } from "./points.ts";

/** The triggers of an action or load shed point, which errors call `owner`. */
export function compileTriggers(
  message: OverloadAction | LoadShedPoint,
  owner: string,
  resources: ReadonlySet<string>,
  ctx: CompileContext,
): TriggerDefinition[] {
  const seen = new Set<string>();
  const triggers: TriggerDefinition[] = [];
  for (const trigger of message.triggers) {
    const { name } = trigger;
    if (seen.has(name))
      ctx.problems.error(trigger, "name", `duplicate trigger resource ${name} for ${owner}`);
    if (!resources.has(name))
      ctx.problems.error(trigger, "name", `unknown trigger resource ${name} for ${owner}`);
    if (name === DOWNSTREAM_CONNECTIONS)
      ctx.problems.warning(trigger, "name", `${name} has no pressure: its limit acts by itself`);
    seen.add(name);
    const compiled = compileTrigger(trigger, ctx);
    if (compiled !== null) triggers.push(compiled);
  }
  return triggers;
}

function compileTrigger(trigger: Trigger, ctx: CompileContext): TriggerDefinition | null {
  const { name: resource, triggerOneof } = trigger;
  // Its absence is an error of the message's own rules.
  if (triggerOneof.case === undefined) return null;
  if (triggerOneof.case === "threshold")
    return { kind: "threshold", resource, value: triggerOneof.value.value };
  const { scalingThreshold, saturationThreshold } = triggerOneof.value;
  if (scalingThreshold >= saturationThreshold) {
    const text = `scaling_threshold must be less than saturation_threshold, got ${scalingThreshold} and ${saturationThreshold}`;
    ctx.problems.error(triggerOneof.value, "scaling_threshold", text);
  }
  return { kind: "scaled", resource, scalingThreshold, saturationThreshold };
}
