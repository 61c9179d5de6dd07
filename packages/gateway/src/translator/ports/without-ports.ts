import { observed, type Condition } from "../../status/condition.ts";
import { acceptance } from "../gateways/gateway-conditions.ts";
import { judgedAgain } from "../gateways/translate-listener-set.ts";
import { portName } from "../listeners/piece-names.ts";
import type { TranslatedGateway, TranslatedListener } from "../translated-gateway.ts";

/**
 * A Gateway that cannot have some of its ports: their listeners are not served, and the conditions of all say so.
 *
 * @param missing why, by the name of the port (`tcp-80`)
 */
export function withoutPorts(
  gateway: TranslatedGateway,
  missing: ReadonlyMap<string, string>,
): TranslatedGateway {
  if (missing.size === 0) return gateway;
  const listeners = gateway.listeners.map((listener) => {
    const why = listener.programmed ? missing.get(portName(listener)) : undefined;
    return why === undefined ? listener : withoutPort(listener, why);
  });
  const accepted = acceptance(undefined, listeners, gateway.setsProblem);
  const [acceptedCondition] = observed([accepted], gateway.generation);
  return {
    ...gateway,
    accepted: accepted.status === "True",
    conditions: gateway.conditions.map((one) =>
      one.type === "Accepted" ? acceptedCondition! : one,
    ),
    listeners,
    listenerSets: gateway.listenerSets.map((set) => judgedAgain(set, listeners)),
  };
}

function withoutPort(listener: TranslatedListener, message: string): TranslatedListener {
  const because = { status: "False", reason: "PortUnavailable", message } as const;
  const conditions = listener.conditions.map((one) =>
    one.type === "Accepted" ? { ...one, ...because } : one,
  );
  const { observedGeneration = 0 } = conditions[0] ?? {};
  // Of listeners of a Gateway the specification has no such reason for this condition.
  const reason = listener.owner.kind === "Gateway" ? "Invalid" : because.reason;
  const programmed: Condition = { ...because, type: "Programmed", reason, observedGeneration };
  return { ...listener, programmed: false, conditions: [...conditions, programmed] };
}
