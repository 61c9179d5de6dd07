import type { Gateway, Listener, ListenerNamespaces } from "#gen/resources";
import { GATEWAY_GROUP, type RouteKindName } from "../../resources/kinds.ts";
import { namespaceOf } from "../../resources/object.ts";
import { selectorProblem } from "../references/label-selector.ts";
import type { AllowedNamespaces } from "../translated-gateway.ts";
import { invalid, type Objection } from "./objection.ts";
import { kindsOfProtocol } from "./protocol-rules.ts";

/** Which kinds of routes may attach: those that are wanted and fit the protocol. */
export function allowedKinds(spec: Listener): {
  readonly kinds: readonly RouteKindName[];
  readonly objections: readonly Objection[];
} {
  const fitting = kindsOfProtocol(spec);
  const wanted = spec.allowedRoutes.kinds ?? [];
  if (wanted.length === 0 || fitting.length === 0) return { kinds: fitting, objections: [] };
  const kinds: RouteKindName[] = [];
  const wrong: string[] = [];
  for (const { group, kind } of wanted) {
    const found = group === GATEWAY_GROUP ? fitting.find((name) => name === kind) : undefined;
    if (found === undefined) wrong.push(`${group}/${kind}`);
    else if (!kinds.includes(found)) kinds.push(found);
  }
  if (wrong.length === 0) return { kinds, objections: [] };
  return { kinds, objections: [unknownKinds(wrong, fitting)] };
}

function unknownKinds(wrong: readonly string[], fitting: readonly string[]): Objection {
  return {
    message: `allowedRoutes.kinds: expected ${fitting.join(" or ")} of ${GATEWAY_GROUP}, got ${wrong.join(", ")}`,
    resolvedRefs: "InvalidRouteKinds",
    accepted: "Invalid",
    programmed: "Invalid",
  };
}

/** From which namespaces, as a field says it. */
export function allowedNamespaces(
  field: string,
  { from, selector }: ListenerNamespaces,
  namespace: string,
): { readonly allowed: AllowedNamespaces; readonly objections: readonly Objection[] } {
  switch (from) {
    case "All":
    case "None":
      return { allowed: { from }, objections: [] };
    case "Same":
      return { allowed: { from: "Same", namespace }, objections: [] };
    case "Selector": {
      if (selector === undefined)
        return none(`${field}.selector: expected, as ${field}.from is Selector`);
      const problem = selectorProblem(selector);
      return problem === undefined
        ? { allowed: { from: "Selector", selector }, objections: [] }
        : none(`${field}.selector: ${problem}`);
    }
  }
}

/** Whose ListenerSets a Gateway takes; none, if there is something wrong with what it says. */
export function allowedListeners(gateway: Gateway): {
  readonly allowed: AllowedNamespaces;
  readonly setsProblem?: string;
} {
  const { allowed, objections } = allowedNamespaces(
    "allowedListeners.namespaces",
    gateway.spec.allowedListeners?.namespaces ?? { from: "None" },
    namespaceOf(gateway),
  );
  const [problem] = objections;
  return problem === undefined ? { allowed } : { allowed, setsProblem: problem.message };
}

function none(message: string): ReturnType<typeof allowedNamespaces> {
  return { allowed: { from: "None" }, objections: [invalid(message)] };
}
