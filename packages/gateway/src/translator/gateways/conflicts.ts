import { domainOf } from "../hostnames.ts";
import { entryText, type ListenerEntry } from "./listener-entry.ts";
import type { Objection } from "./objection.ts";

type Reason = "ProtocolConflict" | "HostnameConflict";

/**
 * Which listeners of a Gateway cannot be told apart, by their ids. Listeners are given in the order of precedence: what an
 * object before has taken stays its own, and of those within one object none is the winner
 * (GatewaySpec.listeners, ListenerSetSpec.listeners).
 */
export function listenerConflicts(entries: readonly ListenerEntry[]): Map<string, Objection> {
  const conflicts = new Map<string, Objection>();
  const ports = Map.groupBy(entries, ({ spec }) => `${transport(spec.protocol)} ${spec.port}`);
  for (const ofPort of ports.values()) {
    const speaking = take(ofPort, {
      conflicts,
      reason: "ProtocolConflict",
      keyOf: () => "",
      valueOf: ({ spec }) => family(spec.protocol),
    });
    take(speaking, {
      conflicts,
      reason: (entry) => (isNamed(entry) ? "HostnameConflict" : "ProtocolConflict"),
      keyOf: ({ spec }) => domainOf(spec.hostname),
      valueOf: ({ id }) => id,
    });
  }
  return conflicts;
}

interface Claim {
  readonly conflicts: Map<string, Objection>;
  readonly reason: Reason | ((entry: ListenerEntry) => Reason);
  /** What is claimed. */
  readonly keyOf: (entry: ListenerEntry) => string;
  /** Who has it: entries with the same value share it. */
  readonly valueOf: (entry: ListenerEntry) => string;
}

/** Objects one after the other claim keys; returns the entries whose claims hold. */
function take(entries: readonly ListenerEntry[], claim: Claim): ListenerEntry[] {
  const holders = new Map<string, { readonly value: string | null; readonly by: ListenerEntry }>();
  const held: ListenerEntry[] = [];
  for (const ofOwner of byOwner(entries)) {
    for (const [key, claiming] of Map.groupBy(ofOwner, claim.keyOf)) {
      const before = holders.get(key);
      const [first, ...others] = claiming as [ListenerEntry, ...ListenerEntry[]];
      const value = claim.valueOf(first);
      const agreed = others.every((entry) => claim.valueOf(entry) === value);
      if (before === undefined) holders.set(key, { value: agreed ? value : null, by: first });
      const holder = holders.get(key)!;
      for (const entry of claiming) {
        if (claim.valueOf(entry) === holder.value) held.push(entry);
        else
          claim.conflicts.set(
            entry.id,
            objection(entry, rivalOf(entry, claiming, holder.by), claim),
          );
      }
    }
  }
  return held;
}

function byOwner(entries: readonly ListenerEntry[]): Iterable<ListenerEntry[]> {
  return Map.groupBy(entries, ({ owner }) => `${owner.kind} ${owner.key}`).values();
}

function rivalOf(
  entry: ListenerEntry,
  claiming: readonly ListenerEntry[],
  holder: ListenerEntry,
): ListenerEntry {
  return holder === entry ? claiming.find((other) => other !== entry)! : holder;
}

function objection(entry: ListenerEntry, rival: ListenerEntry, { reason }: Claim): Objection {
  const conflicted = typeof reason === "string" ? reason : reason(entry);
  const { port, protocol, hostname } = entry.spec;
  const what =
    conflicted === "HostnameConflict"
      ? `${domainOf(hostname) === "*" ? "connections without a hostname" : `hostname ${hostname}`} of port ${port}`
      : `port ${port}, which is asked for with protocol ${protocol}`;
  return {
    message: `${entryText(rival)} has ${what}`,
    conflicted,
    accepted: conflicted,
    programmed: entry.owner.kind === "Gateway" ? "Invalid" : conflicted,
  };
}

function transport(protocol: string): "UDP" | "TCP" {
  return protocol === "UDP" ? "UDP" : "TCP";
}

/** Protocols of one family can share a port: TLS is told apart by SNI, whoever ends it. */
function family(protocol: string): string {
  return protocol === "HTTPS" ? "TLS" : protocol;
}

function isNamed({ spec }: ListenerEntry): boolean {
  return spec.protocol !== "TCP" && spec.protocol !== "UDP";
}
