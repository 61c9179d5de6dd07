import type { Read } from "../../incremental/stage.ts";
import { observed, type Finding } from "../../status/condition.ts";
import { domainOf } from "../hostnames.ts";
import type { TranslatedListener } from "../translated-gateway.ts";
import { checkListener, servable, type CheckedListener } from "./check-listener.ts";
import type { ClientValidation } from "./client-validation.ts";
import { listenerConflicts } from "./conflicts.ts";
import type { GatewayLimits } from "./limits.ts";
import type { Objects } from "./listener-certificates.ts";
import { listenerFindings, notServed } from "./listener-conditions.ts";
import { listenerSetEntries, type ListenerEntry } from "./listener-entry.ts";
import type { ListenerSetOfGateway } from "./listener-sets.ts";
import { isServed, type Objection } from "./objection.ts";
import { tlsModeOf } from "./protocol-rules.ts";
import { tlsOverlaps } from "./tls-overlaps.ts";

interface Merged {
  /** Of the Gateway itself. */
  readonly own: readonly ListenerEntry[];
  /** Those that the Gateway takes, in their order of precedence. */
  readonly sets: readonly ListenerSetOfGateway[];
  readonly clients: ClientValidation;
  readonly limits: GatewayLimits;
  /** Why the Gateway is not served at all. */
  readonly refused: Finding | undefined;
}

/** The listeners of a Gateway and of its ListenerSets, in the order of precedence. */
export function mergeListeners(
  read: Read,
  objects: Objects,
  { own, sets, clients, limits, refused }: Merged,
): TranslatedListener[] {
  const gateway = own[0]?.gateway ?? "";
  const entries = [...own, ...sets.flatMap(({ set }) => listenerSetEntries(gateway, set))];
  const checked = entries.map((entry, index) =>
    bounded(checkListener(read, objects, clients, entry), index, limits),
  );
  const conflicts = listenerConflicts(servable(checked).map(({ entry }) => entry));
  const judged = checked.map((listener) => against(listener, conflicts.get(listener.entry.id)));
  const served = servable(judged);
  const overlaps = tlsOverlaps(served.filter(({ entry }) => entry.spec.protocol === "HTTPS"));
  return judged.map((listener) =>
    translated(listener, overlaps.get(listener.entry.id), refused === undefined),
  );
}

/** ListenerSets are what a limit is for: the listeners of a Gateway itself are few. */
function bounded(
  listener: CheckedListener,
  index: number,
  { listenersMax }: GatewayLimits,
): CheckedListener {
  if (index < listenersMax) return listener;
  return against(listener, {
    message: `the Gateway has more than ${listenersMax} listeners`,
    accepted: "TooManyListeners",
    programmed: "Invalid",
  });
}

function against(listener: CheckedListener, objection: Objection | undefined): CheckedListener {
  if (objection === undefined) return listener;
  return { ...listener, objections: [...listener.objections, objection] };
}

function translated(
  { entry, objections, kinds, namespaces, certificates, options, clients }: CheckedListener,
  overlap: Finding | undefined,
  gatewayServed: boolean,
): TranslatedListener {
  const { id, owner, gateway, generation, spec } = entry;
  const { name, port, protocol, hostname } = spec;
  const tlsMode = tlsModeOf(spec);
  const missing = notServed(objections);
  const findings = [
    ...listenerFindings(objections, overlap),
    ...(missing === undefined ? [] : [missing]),
  ];
  const routeConfig = routeConfigOf(entry);
  return {
    id,
    owner,
    name,
    port,
    protocol,
    kinds,
    allowedNamespaces: namespaces,
    programmed: isServed(objections) && gatewayServed,
    conditions: observed(findings, generation),
    certificates: certificates.map(({ secret }) => `${gateway}/secret/${secret}`),
    ...(domainOf(hostname) !== "*" && { hostname: domainOf(hostname) }),
    ...(tlsMode !== undefined && { tlsMode }),
    ...(routeConfig !== undefined && { routeConfig }),
    ...(clients.validation !== undefined && { clientValidation: clients.validation }),
    ...options,
  };
}

/** Names that are no prefixes of each other, whatever listeners are called. */
function routeConfigOf({ gateway, owner, spec }: ListenerEntry): string | undefined {
  if (spec.protocol === "HTTP") return `${gateway}/${spec.port}`;
  if (spec.protocol !== "HTTPS") return undefined;
  const set = owner.kind === "Gateway" ? "" : `${owner.key.replace("/", "_")}_`;
  return `${gateway}/${spec.port}/${set}${spec.name}`;
}
