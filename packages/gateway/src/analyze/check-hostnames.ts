import { didYouMean } from "@nuncio/api";
import type { Gateway, ListenerSet } from "#gen/resources";
import { objectKey, type Resource } from "../resources/object.ts";
import type { ResourceStore } from "../resources/store.ts";
import { domainOf, intersection } from "../translator/hostnames.ts";
import type { ParentReference } from "../translator/translated-route.ts";
import { isRoute } from "./is-route.ts";
import type { Check, Finding } from "./mistake.ts";

/** Host names of routes that no listener of their parents has. */
export const checkHostnames: Check = ({ objects, store }) =>
  objects.filter(isRoute).flatMap((route) => {
    const { hostnames = [], parentRefs = [], useDefaultGateways } = route.spec;
    if (hostnames.length === 0) return [];
    const listeners = parentRefs.flatMap((ref) => listenersOf(store, ref, route));
    if (useDefaultGateways === "All") listeners.push(...listenersOfDefaultGateways(store));
    const domains = [...new Set(listeners.map(({ hostname }) => domainOf(hostname)))];
    if (domains.length === 0) return [];
    return hostnames.flatMap((hostname, index): Finding[] => {
      const own = domainOf(hostname);
      if (domains.some((domain) => intersection(domain, own) !== undefined)) return [];
      const near = didYouMean(own, domains);
      return [
        {
          rule: "foreign-hostname",
          severity: "error",
          object: route,
          path: ["spec", "hostnames", index],
          message: `no listener of its parents takes ${hostname}, they take ${domains.join(", ")}`,
          ...(near !== "" && { suggestion: near.slice(", ".length) }),
        },
      ];
    });
  });

interface Listener {
  readonly name: string;
  readonly port?: number;
  readonly hostname?: string;
}

function listenersOfDefaultGateways(store: ResourceStore): Listener[] {
  return [...store.table<Gateway>("Gateway").values()]
    .filter(({ spec }) => spec.defaultScope === "All")
    .flatMap(({ spec }) => spec.listeners);
}

function listenersOf(
  store: ResourceStore,
  { kind, namespace, name, sectionName, port }: ParentReference,
  route: Resource,
): readonly Listener[] {
  const key = objectKey(namespace ?? route.metadata.namespace, name);
  const owner =
    kind === "ListenerSet"
      ? store.table<ListenerSet>("ListenerSet").peek(key)
      : store.table<Gateway>("Gateway").peek(key);
  const listeners: readonly Listener[] = owner?.spec.listeners ?? [];
  return listeners.filter(
    (listener) =>
      listener.name === (sectionName ?? listener.name) && listener.port === (port ?? listener.port),
  );
}
