import type { RouteEntry } from "../route/entry.ts";
import type { FilterSlot } from "./connection-manager.ts";

/** An upgrade that the connection manager speaks of, built. */
export interface UpgradeSlot {
  /** Lower case. */
  readonly type: string;
  readonly enabled: boolean;
  /** Null for those of the connection manager. */
  readonly filters: readonly FilterSlot[] | null;
}

/** Which protocols a request may switch to, and through which filters (Envoy's `createUpgradeFilterChain`). */
export class Upgrades {
  readonly #slots = new Map<string, UpgradeSlot>();
  readonly #filters: readonly FilterSlot[];

  /** `filters`: those of the connection manager. */
  constructor(slots: readonly UpgradeSlot[], filters: readonly FilterSlot[]) {
    for (const slot of slots) this.#slots.set(slot.type, slot);
    this.#filters = filters;
  }

  /** The configuration is no longer used. */
  close(): void {
    for (const { filters } of this.#slots.values())
      for (const { factory } of filters ?? []) factory.close?.();
  }

  /** The filters of an allowed upgrade; null when it is not. `type` in lower case, `connect` for CONNECT. */
  filtersFor(type: string, route: RouteEntry | null): readonly FilterSlot[] | null {
    const slot = this.#slots.get(type);
    const enabled = route?.upgrades?.get(type) ?? slot?.enabled ?? false;
    return enabled ? (slot?.filters ?? this.#filters) : null;
  }
}
