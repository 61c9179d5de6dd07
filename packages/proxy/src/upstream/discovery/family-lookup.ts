import type { DnsLookupFamily } from "../definition.ts";
import type { DnsAnswer } from "./dns-resolver.ts";

/** Asks for the addresses of one family; the returned function cancels. */
export type LookupFamily = (family: 4 | 6, callback: (answer: DnsAnswer) => void) => () => void;

/**
 * Asks in the order that a `dns_lookup_family` means: AUTO is IPv6 and, when there is nothing, IPv4;
 * V4_PREFERRED the other way round; ALL both at once, IPv6 first in the answer.
 */
export function lookupByFamily(
  family: DnsLookupFamily,
  lookup: LookupFamily,
  callback: (answer: DnsAnswer) => void,
): () => void {
  switch (family) {
    case "V4_ONLY":
      return lookup(4, callback);
    case "V6_ONLY":
      return lookup(6, callback);
    case "AUTO":
      return oneAfterTheOther(6, 4, lookup, callback);
    case "V4_PREFERRED":
      return oneAfterTheOther(4, 6, lookup, callback);
    case "ALL":
      return bothAtOnce(lookup, callback);
  }
}

function oneAfterTheOther(
  first: 4 | 6,
  second: 4 | 6,
  lookup: LookupFamily,
  callback: (answer: DnsAnswer) => void,
): () => void {
  let cancel = (): void => {};
  // The first lookup may answer before it returns, and the second one's cancel must win then.
  let moved = false;
  const cancelFirst = lookup(first, (answer) => {
    if (answer.status === "completed" && answer.addresses.length > 0) {
      callback(answer);
      return;
    }
    moved = true;
    cancel = lookup(second, callback);
  });
  if (!moved) cancel = cancelFirst;
  return () => cancel();
}

function bothAtOnce(lookup: LookupFamily, callback: (answer: DnsAnswer) => void): () => void {
  const answers: { 4?: DnsAnswer; 6?: DnsAnswer } = {};
  const onAnswer = (family: 4 | 6, answer: DnsAnswer): void => {
    answers[family] = answer;
    if (answers[4] === undefined || answers[6] === undefined) return;
    const addresses = [answers[6], answers[4]].flatMap((part) =>
      part.status === "completed" ? part.addresses : [],
    );
    const failure = [answers[6], answers[4]].find(({ status }) => status === "failure");
    // A failure counts only when the other family has nothing either.
    callback(
      failure === undefined || addresses.length > 0 ? { status: "completed", addresses } : failure,
    );
  };
  const cancels = ([6, 4] as const).map((family) =>
    lookup(family, (answer) => onAnswer(family, answer)),
  );
  return () => {
    for (const cancel of cancels) cancel();
  };
}
