import type { Gateway } from "#gen/resources";
import type { Read } from "../../incremental/stage.ts";
import { namespaceOf } from "../../resources/object.ts";
import type { ResourceStore } from "../../resources/store.ts";
import { finding, type Condition, type Finding } from "../../status/condition.ts";
import { findParameters } from "../classes/parameters.ts";
import type { TranslatedClass } from "../classes/translated-class.ts";
import type { TranslatedListener } from "../translated-gateway.ts";
import type { Objection } from "./objection.ts";

/** Why a Gateway as a whole is not served; undefined: it is, as far as its listeners are valid. */
export function refusal(
  read: Read,
  store: ResourceStore,
  gateway: Gateway,
  found: { readonly gatewayClass: TranslatedClass; readonly unsupported: readonly string[] },
): Finding | undefined {
  const { gatewayClass, unsupported } = found;
  if (!gatewayClass.accepted)
    return refused("InvalidParameters", `GatewayClass ${gatewayClass.name} is not accepted`);
  if (unsupported.length > 0)
    return refused(
      "UnsupportedAddress",
      `addresses: expected types IPAddress or Hostname, got ${unsupported.join(", ")}`,
    );
  const ref = gateway.spec.infrastructure?.parametersRef;
  if (ref !== undefined) {
    const parameters = findParameters(read, store, { ...ref, namespace: namespaceOf(gateway) });
    if ("problem" in parameters)
      return refused("InvalidParameters", `infrastructure.${parameters.problem}`);
  }
  return undefined;
}

function refused(reason: string, message: string): Finding {
  return finding("Accepted", "False", reason, message);
}

/**
 * `Accepted`: a Gateway is so when one of its listeners is. What is wrong with `allowedListeners` shuts out ListenerSets
 * and stops none of its own listeners, so it is only told.
 */
export function acceptance(
  whole: Finding | undefined,
  listeners: readonly TranslatedListener[],
  setsProblem: string | undefined,
): Finding {
  if (whole !== undefined) return whole;
  const found = acceptanceOfListeners(listeners);
  if (setsProblem === undefined) return found;
  return { ...found, message: `${found.message}; no ListenerSet is allowed: ${setsProblem}` };
}

function acceptanceOfListeners(listeners: readonly TranslatedListener[]): Finding {
  const own = listeners.filter(({ owner }) => owner.kind === "Gateway");
  const wrong = own.filter((listener) => !isTrue(listener.conditions, "Accepted"));
  if (wrong.length === 0)
    return finding("Accepted", "True", "Accepted", "all listeners are accepted");
  const status = listeners.some(({ conditions }) => isTrue(conditions, "Accepted"))
    ? "True"
    : "False";
  const names = wrong.map(({ name }) => name).join(", ");
  return finding(
    "Accepted",
    status,
    "ListenersNotValid",
    `listeners that are not accepted: ${names}`,
  );
}

/** `ResolvedRefs`: of what is shown to upstreams, of listeners, then of what clients of no listener are checked against. */
export function resolution(
  problem: Finding | undefined,
  listeners: readonly TranslatedListener[],
  ofClients: readonly Objection[],
): Finding {
  const wrong = listeners.filter(
    ({ owner, conditions }) => owner.kind === "Gateway" && !isTrue(conditions, "ResolvedRefs"),
  );
  const names = wrong.map(({ name }) => name).join(", ");
  const told = wrong.flatMap(({ conditions }) => conditions.map(({ message }) => message));
  const problems = [
    ...(problem === undefined ? [] : [problem]),
    ...(names === "" ? [] : [unresolved("ListenersNotResolved", `see listeners ${names}`)]),
    ...ofClients
      .filter(({ message }) => !told.some((text) => text.includes(message)))
      .map(({ resolvedRefs = "", message }) => unresolved(resolvedRefs, message)),
  ];
  const [first] = problems;
  if (first === undefined)
    return finding("ResolvedRefs", "True", "ResolvedRefs", "all references lead to objects");
  return unresolved(first.reason, problems.map(({ message }) => message).join("; "));
}

function unresolved(reason: string, message: string): Finding {
  return finding("ResolvedRefs", "False", reason, message);
}

/** Said as long as clients are let in somewhere without a valid certificate. */
export function insecureFallback(places: readonly string[]): Finding[] {
  if (places.length === 0) return [];
  const message = `tls.frontend lets clients in without a valid certificate: ${places.join(", ")}`;
  return [finding("InsecureFrontendValidationMode", "True", "ConfigurationChanged", message)];
}

/** Said as long as routes are claimed that do not name the Gateway (GEP-3793). */
export function defaultGateway(scope: string | undefined): Finding[] {
  if (scope === undefined) return [];
  return [finding("DefaultGateway", "True", "DefaultGateway", `the default scope is ${scope}`)];
}

/** True for conditions of which the one of this type is True. */
export function isTrue(conditions: readonly Condition[], type: string): boolean {
  return conditions.some((one) => one.type === type && one.status === "True");
}
