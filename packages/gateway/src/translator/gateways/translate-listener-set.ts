import { finding, observed, type Finding } from "../../status/condition.ts";
import type { TranslatedListener, TranslatedListenerSet } from "../translated-gateway.ts";
import { isTrue } from "./gateway-conditions.ts";
import type { ListenerSetOfGateway } from "./listener-sets.ts";

/** What has been found of the Gateway that a ListenerSet names. */
interface GatewayJudgement {
  /** Why it is not served as a whole. */
  readonly refused?: Finding | undefined;
  /** What is wrong with its `allowedListeners`. */
  readonly setsProblem?: string | undefined;
}

/** What is said of a ListenerSet, but whether the data plane has its listeners. */
export function translateListenerSet(
  { key, set, allowed }: ListenerSetOfGateway,
  gateway: GatewayJudgement,
  listeners: readonly TranslatedListener[],
): TranslatedListenerSet {
  const { generation = 0 } = set.metadata;
  const own = listeners.filter(({ owner }) => owner.kind === "ListenerSet" && owner.key === key);
  const findings = judgement(allowed, gateway, own);
  return {
    key,
    generation,
    accepted: findings[0].status === "True",
    conditions: observed(findings, generation),
  };
}

/** A ListenerSet once more, when listeners are not served any more that were accepted. */
export function judgedAgain(
  set: TranslatedListenerSet,
  listeners: readonly TranslatedListener[],
): TranslatedListenerSet {
  if (!set.accepted) return set;
  const own = listeners.filter(
    ({ owner }) => owner.kind === "ListenerSet" && owner.key === set.key,
  );
  const findings = judgement(true, {}, own);
  return {
    ...set,
    accepted: findings[0].status === "True",
    conditions: observed(findings, set.generation),
  };
}

/** Accepted, and Programmed where that is decided already. */
function judgement(
  allowed: boolean,
  { refused, setsProblem }: GatewayJudgement,
  listeners: readonly TranslatedListener[],
): readonly [Finding, ...Finding[]] {
  if (refused !== undefined) {
    const message = `the Gateway is not accepted: ${refused.message}`;
    return [
      no("Accepted", "ParentNotAccepted", message),
      no("Programmed", "ParentNotProgrammed", message),
    ];
  }
  if (!allowed) {
    const why = setsProblem === undefined ? "" : `: ${setsProblem}`;
    const message = `allowedListeners of the Gateway does not allow ListenerSets of this namespace${why}`;
    return [no("Accepted", "NotAllowed", message), no("Programmed", "NotAllowed", message)];
  }
  const wrong = listeners.filter(({ conditions }) => !isTrue(conditions, "Accepted"));
  const names = wrong.map(({ name }) => name).join(", ");
  const message = `listeners that are not accepted: ${names}`;
  if (wrong.length === listeners.length)
    return [
      no("Accepted", "ListenersNotValid", message),
      no("Programmed", "ListenersNotValid", message),
    ];
  return [
    wrong.length > 0
      ? finding("Accepted", "True", "ListenersNotValid", message)
      : finding("Accepted", "True", "Accepted", "all listeners are accepted"),
  ];
}

function no(type: string, reason: string, message: string): Finding {
  return finding(type, "False", reason, message);
}
