import type { ActionDefinition, TriggerDefinition } from "./model.ts";

/** What the pressures of its resources make of an action or load shed point: the most that one of its triggers asks for. */
export class OverloadAction {
  readonly definition: ActionDefinition;
  /** 0: not active, 1: saturated. */
  value = 0;
  readonly #states: Map<string, number> = new Map();

  constructor(definition: ActionDefinition) {
    this.definition = definition;
  }

  /** Returns whether the value changed. */
  update(resource: string, pressure: number): boolean {
    const trigger = this.definition.triggers.find((each) => each.resource === resource);
    if (trigger === undefined) return false;
    this.#states.set(resource, stateOf(trigger, pressure));
    const value = Math.max(...this.#states.values());
    const changed = value !== this.value;
    this.value = value;
    return changed;
  }

  /** Whether one of these resources is what the action is active for. */
  isFiredBy(resources: ReadonlySet<string>): boolean {
    for (const [resource, state] of this.#states) {
      if (state > 0 && resources.has(resource)) return true;
    }
    return false;
  }
}

/** In Envoy's precision, so that percents are the same. */
function stateOf(trigger: TriggerDefinition, pressure: number): number {
  if (trigger.kind === "threshold") return pressure >= trigger.value ? 1 : 0;
  const { scalingThreshold, saturationThreshold } = trigger;
  if (pressure <= scalingThreshold) return 0;
  if (pressure >= saturationThreshold) return 1;
  return Math.fround((pressure - scalingThreshold) / (saturationThreshold - scalingThreshold));
}
