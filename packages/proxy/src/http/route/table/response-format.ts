import type { FormatClock } from "../../../observe/format/command.ts";
import { buildFormatter } from "../../../observe/format/formatter.ts";
import type { ResponseFormat } from "../entry.ts";
import type { RouteConfig } from "../model.ts";

/** `body_format` of a direct response; null for other routes, and without one. */
export function buildResponseFormat(
  action: RouteConfig["action"],
  clock: FormatClock,
): ResponseFormat | null {
  if (action.kind !== "direct_response" || action.format === undefined) return null;
  const { plan, contentType } = action.format;
  return { formatter: buildFormatter(plan, clock), contentType };
}
