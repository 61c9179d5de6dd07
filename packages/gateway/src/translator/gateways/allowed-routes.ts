import { GATEWAY_GROUP } from "../../resources/kinds.ts";
import { selectorProblem } from "../references/label-selector.ts";
import type { AllowedNamespaces, RouteKindName } from "../translated-gateway.ts";
import { invalid, type Objection } from "./objection.ts";
import type { ListenerSpec, NamespacesSpec } from "./objects.ts";
import { kindsOfProtocol } from "./protocol-rules.ts";

/** Which kinds of routes may attach: those that are wanted and fit the protocol. */
export function allowedKinds(spec: ListenerSpec): {
  readonly kinds: readonly RouteKindName[];
  readonly objections: readonly Objection[];
} {
  const fitting = kindsOfProtocol(spec);
  const wanted = spec.allowedRoutes?.kinds ?? [];
  if (wanted.length === 0 || fitting.length === 0) return { kinds: fitting, objections: [] };
  const kinds: RouteKindName[] = [];
  const wrong: string[] = [];
  for (const { group = GATEWAY_GROUP, kind } of wanted) {
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

/** From which namespaces; `unsaid` where nothing is said. */
export function allowedNamespaces(
  field: string,
  { from, selector }: NamespacesSpec = {},
  { namespace, unsaid }: { readonly namespace: string; readonly unsaid: "Same" | "None" },
): { readonly allowed: AllowedNamespaces; readonly objections: readonly Objection[] } {
  const said = from ?? unsaid;
  switch (said) {
    case "All":
    case "None":
      return { allowed: { from: said }, objections: [] };
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
    default:
      return none(`${field}.from: expected All, Same, Selector or None, got ${said}`);
  }
}

function none(message: string): ReturnType<typeof allowedNamespaces> {
  return { allowed: { from: "None" }, objections: [invalid(message)] };
}
