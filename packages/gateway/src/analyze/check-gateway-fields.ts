import type { Gateway, ListenerNamespaces, ListenerSet } from "#gen/resources";
import { keyOf, namespaceOf, objectKey } from "../resources/object.ts";
import type { FieldPath } from "../resources/problem.ts";
import { allowedListeners } from "../translator/gateways/allowed-routes.ts";
import type { Check, Finding } from "./mistake.ts";
import { withoutEffect } from "./without-effect.ts";

/** Fields of Gateways and ListenerSets that are wrong where no condition is for it, or that nothing looks at. */
export const checkGatewayFields: Check = ({ store }) => {
  const sets = [...store.table<ListenerSet>("ListenerSet").values()];
  const gateways = [...store.table<Gateway>("Gateway").values()];
  return [
    ...gateways.flatMap(wrongSelector),
    ...[...gateways, ...sets].flatMap(unreadSelectors),
    ...gateways.flatMap((gateway) => unusedFrontend(gateway, sets)),
  ];
};

function wrongSelector(gateway: Gateway): Finding[] {
  const { setsProblem } = allowedListeners(gateway);
  if (setsProblem === undefined) return [];
  const path = ["spec", "allowedListeners", "namespaces"];
  const message = `no ListenerSet is allowed: ${setsProblem}`;
  return [{ rule: "selector", severity: "error", object: gateway, path, message }];
}

/** A selector is for `from: Selector` alone. */
function unreadSelectors(object: Gateway | ListenerSet): Finding[] {
  const { listeners } = object.spec;
  const ofSets = (object as Gateway).spec.allowedListeners?.namespaces;
  const places: [FieldPath, ListenerNamespaces | undefined][] = [
    [["spec", "allowedListeners", "namespaces"], ofSets],
    ...listeners.map(({ allowedRoutes }, index): [FieldPath, ListenerNamespaces | undefined] => [
      ["spec", "listeners", index, "allowedRoutes", "namespaces"],
      allowedRoutes?.namespaces,
    ]),
  ];
  return places.flatMap(([path, namespaces]) => {
    if (namespaces?.selector === undefined || namespaces.from === "Selector") return [];
    const message = `is not looked at, as from is ${namespaces.from}`;
    return [
      withoutEffect(object, [...path, "selector"], message, "from: Selector, or no selector"),
    ];
  });
}

/** Certificates of clients are checked at HTTPS listeners, those of ListenerSets among them. */
function unusedFrontend(gateway: Gateway, sets: readonly ListenerSet[]): Finding[] {
  const { default: common, perPort = [] } = gateway.spec.tls?.frontend ?? {};
  const own = sets.filter((set) => parentOf(set) === keyOf(gateway)).map(({ spec }) => spec);
  const ports = new Set(
    [gateway.spec, ...own].flatMap(({ listeners }) =>
      listeners.filter(({ protocol }) => protocol === "HTTPS").map(({ port }) => port),
    ),
  );
  const path = ["spec", "tls", "frontend"];
  const others = [...ports].filter((port) => perPort.every((one) => one.port !== port));
  return [
    ...(common?.validation === undefined || others.length > 0
      ? []
      : [withoutEffect(gateway, [...path, "default"], "no HTTPS listener has it")]),
    ...perPort.flatMap(({ port }, index) => {
      if (ports.has(port)) return [];
      const message = `there is no HTTPS listener at port ${port}`;
      return [withoutEffect(gateway, [...path, "perPort", index, "port"], message)];
    }),
  ];
}

function parentOf(set: ListenerSet): string {
  const { namespace, name } = set.spec.parentRef;
  return objectKey(namespace ?? namespaceOf(set), name);
}
