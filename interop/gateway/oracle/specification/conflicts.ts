import type { Listener } from "./objects.ts";

/** A listener that is right by itself. */
interface Claimant extends Listener {
  readonly id: string;
  readonly owner: { readonly kind: string; readonly key: string };
}

/**
 * Which listeners cannot be told apart from others, and by what: protocols of a port have to fit, then host names (for TCP and
 * UDP the port) have to differ. What an object before has is not lost to one that comes later; within one object nobody
 * wins, and what was asked for there is not for later ones either (GatewaySpec.listeners, ListenerSetSpec.listeners).
 *
 * @param listeners of one Gateway: its own, then those of its ListenerSets, the older ones first
 */
export function conflictsAmong(listeners: readonly Claimant[]): Map<string, string> {
  const ports = Map.groupBy(listeners, (one) => `${one.protocol === "UDP"} ${one.port}`);
  const conflicts = new Map<string, string>();
  for (const ofPort of ports.values()) {
    const [first] = ownersOf(ofPort);
    const families = new Set(first!.map(familyOf));
    const winners = ofPort.filter((one) => families.size === 1 && families.has(familyOf(one)));
    for (const { id } of ofPort.filter((one) => !winners.includes(one)))
      conflicts.set(id, "ProtocolConflict");
    for (const ofName of Map.groupBy(winners, nameOf).values()) {
      const [holders] = ownersOf(ofName);
      const lost = holders!.length > 1 ? ofName : ofName.filter((one) => one !== holders![0]);
      for (const { id, protocol } of lost)
        conflicts.set(id, isNamed(protocol) ? "HostnameConflict" : "ProtocolConflict");
    }
  }
  return conflicts;
}

function ownersOf(listeners: readonly Claimant[]): Claimant[][] {
  return [...Map.groupBy(listeners, ({ owner }) => `${owner.kind} ${owner.key}`).values()];
}

/** TLS is told apart by names, whoever ends it. */
function familyOf({ protocol }: Claimant): string {
  return protocol === "HTTPS" ? "TLS" : protocol;
}

function nameOf({ protocol, hostname = "" }: Claimant): string {
  return isNamed(protocol) ? hostname.toLowerCase() : "";
}

function isNamed(protocol: string): boolean {
  return protocol !== "TCP" && protocol !== "UDP";
}
