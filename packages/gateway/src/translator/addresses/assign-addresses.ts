import type { ObjectKey } from "../../resources/object.ts";
import { bySeniority, type Dated } from "../routes/seniority.ts";
import { addressesOf, isIn } from "./address-range.ts";

/** What a Gateway wants: addresses that it names, or one of a pool. */
export interface AddressDemand extends Dated {
  readonly fixed: readonly string[];
  readonly pool: readonly string[];
}

/** Addresses of pools by the key of the Gateway; those that none was left for are missing. */
export type Assignments = Readonly<Record<ObjectKey, string>>;

/** Gives each Gateway an address of its own. Who has one keeps it while it is in the pool; then the older ones choose. */
export function assignAddresses(
  demands: readonly AddressDemand[],
  before: Assignments,
): Assignments {
  const taken = new Set(demands.flatMap(({ fixed }) => fixed));
  const assigned: Record<ObjectKey, string> = {};
  const give = (key: ObjectKey, address: string | undefined): void => {
    if (address === undefined) return;
    assigned[key] = address;
    taken.add(address);
  };
  const waiting: AddressDemand[] = [];
  for (const demand of demands.toSorted(bySeniority)) {
    if (demand.pool.length === 0) continue;
    const held = before[demand.key];
    if (held !== undefined && isIn(demand.pool, held) && !taken.has(held)) give(demand.key, held);
    else waiting.push(demand);
  }
  for (const { key, pool } of waiting) give(key, firstFree(pool, taken));
  return assigned;
}

function firstFree(pool: readonly string[], taken: ReadonlySet<string>): string | undefined {
  for (const entry of pool)
    for (const address of addressesOf(entry)) if (!taken.has(address)) return address;
  return undefined;
}
