import type { HeaderMap } from "@nuncio/codec";
import type { StreamInfo } from "../../../observe/stream-info.ts";
import { lowerAscii } from "../matchers/ascii.ts";
import type { PathMatchConfig, RouteConfig } from "../model.ts";
import { buildFullMatch } from "../regex/safe-regex.ts";
import { buildCondition } from "../table/conditions.ts";

/**
 * What routing means, written down as plainly as can be: the first route of a list, one after the other, that takes
 * the path and whose conditions hold; -1 for none. The index must find the same, and its tests say so.
 */
export function firstMatch(
  routes: readonly RouteConfig[],
  path: string,
  headers: HeaderMap,
  info: StreamInfo,
  random: number,
): number {
  return routes.findIndex(({ match }) => {
    const condition = buildCondition(match);
    return takesPath(match.path, path) && (condition === null || condition(headers, info, random));
  });
}

function takesPath(config: PathMatchConfig, path: string): boolean {
  const { kind, value } = config;
  if (config.ignoreCase === true) return takesPath({ kind, value }, lowerAscii(path));
  switch (kind) {
    case "exact":
      return path === value;
    case "prefix":
      return path.startsWith(value);
    case "separated_prefix":
      return path === value || path.startsWith(`${value}/`);
    case "regex":
      return buildFullMatch(value)(path);
    case "connect":
    case "nothing":
      return false;
  }
}
