import {
  controlPlanePages,
  listenAdmin,
  type ControlPlane,
  type ListeningAdmin,
  type StatusList,
} from "@nuncio/gateway";
import { describeSystemError } from "../system-error.ts";
import { UsageError } from "../usage-error.ts";
import type { RunOptions } from "./flags.ts";

interface LookedAt {
  readonly controlPlane: ControlPlane;
  readonly statuses: StatusList;
  readonly notReady: () => string | undefined;
}

/**
 * The admin interface of the control plane, where it was asked for. Without a word it is at the usual place, if that is free: a
 * second gateway of a host is served without it.
 *
 * @throws UsageError when the address that was asked for cannot be had
 */
export async function startAdmin(
  wanted: RunOptions["admin"],
  lookedAt: LookedAt,
): Promise<ListeningAdmin | undefined> {
  if (wanted === undefined) return undefined;
  const { address, isGiven } = wanted;
  try {
    return await listenAdmin(controlPlanePages(lookedAt), address);
  } catch (error) {
    const why = describeSystemError(error);
    if (why === undefined) throw error;
    if (isGiven) throw new UsageError(`--admin: ${why}`);
    process.stderr.write(`warning: no admin interface: ${why}; --admin says another address\n`);
    return undefined;
  }
}
