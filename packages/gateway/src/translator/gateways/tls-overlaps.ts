import type { Finding } from "../../status/condition.ts";
import { covers, domainOf } from "../hostnames.ts";
import type { ListenerCertificate } from "./listener-certificates.ts";
import { entryText, type ListenerEntry } from "./listener-entry.ts";

/** An HTTPS listener that is served. */
interface HttpsListener {
  readonly entry: ListenerEntry;
  readonly certificates: readonly ListenerCertificate[];
}

/**
 * HTTPS listeners of one port whose host names or certificates have names in common, by their ids: clients may send
 * requests for one over connections to the other (ListenerConditionOverlappingTLSConfig).
 */
export function tlsOverlaps(listeners: readonly HttpsListener[]): Map<string, Finding> {
  const overlaps = new Map<string, Finding>();
  for (const ofPort of Map.groupBy(listeners, ({ entry }) => entry.spec.port).values()) {
    for (const one of ofPort) {
      const found = overlapOf(one, ofPort);
      if (found !== undefined) overlaps.set(one.entry.id, found);
    }
  }
  return overlaps;
}

function overlapOf(one: HttpsListener, all: readonly HttpsListener[]): Finding | undefined {
  const others = all.filter((other) => other !== one);
  for (const other of others) {
    const names = common(namesOf(one), namesOf(other));
    if (names !== undefined)
      return overlap("OverlappingCertificates", `a certificate for ${names[0]}`, names[1], other);
  }
  for (const other of others) {
    const names = common(
      [domainOf(one.entry.spec.hostname)],
      [domainOf(other.entry.spec.hostname)],
    );
    if (names !== undefined)
      return overlap("OverlappingHostnames", `hostname ${names[0]}`, names[1], other);
  }
  return undefined;
}

function overlap(reason: string, own: string, theirs: string, { entry }: HttpsListener): Finding {
  const message = `${own} has names in common with ${theirs} of ${entryText(entry)}`;
  return { type: "OverlappingTLSConfig", status: "True", reason, message };
}

function namesOf({ certificates }: HttpsListener): readonly string[] {
  return certificates.flatMap(({ pair }) => pair.dnsNames);
}

function common(own: readonly string[], theirs: readonly string[]): [string, string] | undefined {
  for (const a of own) for (const b of theirs) if (covers(a, b) || covers(b, a)) return [a, b];
  return undefined;
}
