import type { IrL4Route } from "../ir/listener.ts";
import type { Pipeline } from "../pipeline.ts";
import { keyOf, namespaceOf, objectKey, type Resource } from "../resources/object.ts";
import type { Condition } from "../status/condition.ts";
import { statusOf } from "../status/status-of.ts";
import { domainOf, intersection } from "../translator/hostnames.ts";
import { isRoute } from "./is-route.ts";
import type { AnalyzedResources, Finding } from "./mistake.ts";
import { withoutEffect } from "./without-effect.ts";

/**
 * Routes that are accepted, and get nothing of what arrives, or nothing for one of their host names.
 *
 * @param found what other checks have found: they may have said so of a host name
 */
export function checkUnserved(
  { objects, pipeline }: AnalyzedResources,
  found: readonly Finding[],
): readonly Finding[] {
  const served = servedDomains(pipeline);
  const isServed = servedRoutes(pipeline);
  const foreign = new Set(
    found.filter(({ rule }) => rule === "foreign-hostname").map(({ object }) => object),
  );
  return objects.filter(isRoute).flatMap((route): Finding[] => {
    if (foreign.has(route) || !isServed(route)) return [];
    const domains = [...(served.get(`${route.kind.toLowerCase()}/${keyOf(route)}`) ?? [])];
    const rival = RIVALS[route.kind] ?? "an older route has the listener";
    if (domains.length === 0)
      return [withoutEffect(route, [], `gets nothing: ${rival}`, "another listener, or port")];
    const { hostnames = [] } = route.spec;
    return hostnames.flatMap((hostname, index): Finding[] => {
      const own = domainOf(hostname);
      if (domains.some((domain) => intersection(domain, own) !== undefined)) return [];
      return [withoutEffect(route, ["spec", "hostnames", index], `gets nothing: ${rival}`)];
    });
  });
}

const OTHER_LISTENER = "another listener of the port names its host names more exactly";

const RIVALS: { readonly [kind: string]: string } = {
  HTTPRoute: OTHER_LISTENER,
  GRPCRoute: OTHER_LISTENER,
  TLSRoute: `an older route has the host name, or ${OTHER_LISTENER}`,
};

/** Tells of routes whether all parents accept them, and serve all of their listeners: of others their own status tells. */
function servedRoutes({ statuses }: Pipeline): (route: Resource) => boolean {
  const parents = new Map<string, boolean>();
  const isServing = (id: string): boolean => {
    const known = parents.get(id);
    if (known !== undefined) return known;
    const { conditions = [], listeners = [] } = statusOf(statuses, id)?.status ?? {};
    const serves = areTrue([...conditions, ...listeners.flatMap((one) => one.conditions)]);
    parents.set(id, serves);
    return serves;
  };
  return (route) => {
    const own = statusOf(statuses, `${route.kind}/${keyOf(route)}`)?.status.parents ?? [];
    const areServing = own.every(({ parentRef, conditions }) => {
      const { kind = "Gateway", namespace = namespaceOf(route), name } = parentRef;
      return areTrue(conditions) && isServing(`${kind}/${objectKey(namespace, name)}`);
    });
    return own.length > 0 && areServing;
  };
}

function areTrue(conditions: readonly Condition[]): boolean {
  return conditions.every(({ type, status }) => !SERVING.has(type) || status === "True");
}

const SERVING: ReadonlySet<string> = new Set(["Accepted", "Programmed"]);

/** What each route has, by `httproute/<namespace>/<name>`; `*` where there are no names. */
function servedDomains({ pieces }: Pipeline): ReadonlyMap<string, ReadonlySet<string>> {
  const served = new Map<string, Set<string>>();
  const note = (name: string, domains: readonly string[]): void => {
    const route = name.split("/", 3).join("/");
    const known = served.get(route);
    if (known === undefined) served.set(route, new Set(domains));
    else for (const domain of domains) known.add(domain);
  };
  for (const { domain, routes } of pieces.virtualHosts.values())
    for (const { name } of routes) note(name, [domain]);
  for (const { filterChains, udp } of pieces.listeners.values()) {
    const l4: [IrL4Route, readonly string[]][] = udp === undefined ? [] : [[udp, []]];
    for (const { handler, serverNames } of filterChains)
      if (handler.kind === "tcp") l4.push([handler.route, serverNames]);
    for (const [{ name }, names] of l4) note(name, names.length === 0 ? ["*"] : names);
  }
  return served;
}
