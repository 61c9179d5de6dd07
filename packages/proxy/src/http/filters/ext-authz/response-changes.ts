import type { HeaderMap } from "@nuncio/codec";
import type { StreamInfo } from "../../../observe/stream-info.ts";
import { exceedsHeaderLimits, responseHeaderLimits } from "../../header-limits.ts";
import type { Authorizer } from "./authorizer.ts";
import { applyChange } from "./header-changes.ts";
import type { HeaderChange } from "./verdict.ts";

/**
 * Changes a response as the service wants. False: it has more headers than it may.
 *
 * @param info of a response that an upstream gave; null: what comes from here has no limit
 */
export function changeResponse(
  changes: readonly HeaderChange[],
  headers: HeaderMap,
  { config, services }: Authorizer,
  info: StreamInfo | null,
): boolean {
  const isLimited = config.enforcesResponseHeaderLimits && info !== null;
  const limits = isLimited ? responseHeaderLimits(services.clusters, info) : null;
  for (const change of changes)
    if (applyChange(change, headers) && limits !== null && exceedsHeaderLimits(headers, limits))
      return false;
  return true;
}
