import type { KeptRoutes, PostedVirtualHost, RouteConfig, VirtualHostConfig } from "./model.ts";

/**
 * Routes for workers that have the virtual host before.
 *
 * @param same of each route: which one of those before it is; -1: it is the next one of `news`
 */
export function postedRoutes(
  same: Int32Array,
  news: readonly RouteConfig[],
): (RouteConfig | KeptRoutes)[] {
  const posted: (RouteConfig | KeptRoutes)[] = [];
  let taken = 0;
  for (let i = 0; i < same.length;) {
    const kept = same[i]!;
    let count = 1;
    if (kept === -1) posted.push(news[taken++]!);
    else {
      while (same[i + count] === kept + count) count++;
      posted.push({ kept, count });
    }
    i += count;
  }
  return posted;
}

/** The routes that are meant. */
export function joinedRoutes(
  posted: readonly (RouteConfig | KeptRoutes)[],
  before: readonly RouteConfig[],
): RouteConfig[] {
  return posted.flatMap((one) =>
    "kept" in one ? before.slice(one.kept, one.kept + one.count) : one,
  );
}

/** The virtual host that is meant; `before`: what has a domain, or had it until now. */
export function joinedHost(
  posted: PostedVirtualHost,
  before: (domain: string) => VirtualHostConfig | undefined,
): VirtualHostConfig {
  if (!("before" in posted)) return posted;
  const { before: domain, routes, ...host } = posted;
  return { ...host, routes: joinedRoutes(routes, before(domain)?.routes ?? []) };
}
