import { GATEWAY_API } from "../../documents/scene.ts";
import { listenerLabel } from "../listener-label.ts";
import type { Translation } from "../translation.ts";
import { conflictsAmong } from "./conflicts.ts";
import { narrowest } from "./host-names.ts";
import type { DocumentObjects, Gateway, Listener, ListenerSet } from "./objects.ts";
import { hasWrongOptions } from "./tls-options.ts";

/** A listener of a document. */
export interface DocumentListener extends Listener {
  readonly gateway: Gateway;
  /** What it stands in: the Gateway itself, or a ListenerSet of it. */
  readonly owner: { readonly kind: "Gateway" | "ListenerSet"; readonly key: string };
  /** Of the owner. */
  readonly namespace: string;
  /** `<gateway>/<listener>`, with the ListenerSet before the listener if it is of one. */
  readonly id: string;
  /** See `listenerLabel`. */
  readonly label: string;
  readonly kinds: readonly string[];
  /** Why it cannot be told apart from others; undefined: it can. */
  readonly conflict: string | undefined;
  readonly isAccepted: boolean;
  readonly isServed: boolean;
  /** All that it refers to is there. */
  readonly isResolved: boolean;
}

/**
 * All listeners of a document, those of Gateways before those of their ListenerSets. Which are served and what kinds they
 * take is said by both translators, and compared.
 */
export function documentListeners(
  objects: DocumentObjects,
  statuses: Translation["statuses"],
): DocumentListener[] {
  return objects.gateways.flatMap((gateway) => {
    const owned = [
      ...ownedBy({ kind: "Gateway", ...gateway }, gateway),
      ...setsOf(objects, gateway).flatMap((set) =>
        ownedBy({ kind: "ListenerSet", ...set }, gateway),
      ),
    ].map((one) => ({ ...one, said: saidOf(statuses, one) }));
    const isRight = (one: (typeof owned)[number]): boolean =>
      one.said.isRight && !hasWrongOptions(one);
    const conflicts = conflictsAmong(owned.filter(isRight));
    return owned.map(({ said, ...listener }) => {
      const { kinds, isResolved } = said;
      const conflict = conflicts.get(listener.id);
      const isFaultless = conflict === undefined && !hasWrongOptions(listener);
      return {
        ...listener,
        kinds,
        conflict,
        isAccepted: said.isAccepted && isFaultless && !isInvalid(objects, { ...listener, kinds }),
        isServed: said.isRight && isFaultless,
        isResolved,
      };
    });
  });
}

/** The ListenerSets that a Gateway takes, the older ones first (ListenerSetSpec.parentRef, Gateway.allowedListeners). */
function setsOf(
  objects: DocumentObjects,
  { key, namespace, allowedListeners }: Gateway,
): ListenerSet[] {
  return objects.listenerSets.filter(
    (set) =>
      gatewayKeyOf(set) === key &&
      objects.takes(allowedListeners?.namespaces ?? { from: "None" }, namespace, set.namespace),
  );
}

/** The key of the Gateway that a ListenerSet names. */
export function gatewayKeyOf({ namespace, parentRef }: ListenerSet): string {
  return `${parentRef.namespace ?? namespace}/${parentRef.name}`;
}

interface Owner {
  readonly kind: "Gateway" | "ListenerSet";
  readonly key: string;
  readonly namespace: string;
  readonly listeners: readonly Listener[];
}

type OwnedListener = Omit<
  DocumentListener,
  "kinds" | "conflict" | "isAccepted" | "isServed" | "isResolved"
>;

/** What the original says of a listener, but of its conflicts. */
interface Said {
  readonly kinds: readonly string[];
  readonly isAccepted: boolean;
  readonly isRight: boolean;
  readonly isResolved: boolean;
}

function ownedBy({ kind, key, namespace, listeners }: Owner, gateway: Gateway): OwnedListener[] {
  const place = kind === "Gateway" ? key : `${gateway.key}/${key}`;
  return listeners.map((listener) => {
    const id = `${place}/${listener.name}`;
    return {
      ...listener,
      gateway,
      owner: { kind, key },
      namespace,
      id,
      label: listenerLabel(id),
    };
  });
}

function saidOf(statuses: Translation["statuses"], { owner, name }: OwnedListener): Said {
  const status = statuses
    .get(`${owner.kind} ${owner.key}`)
    ?.listeners?.find((one) => one.name === name);
  const conditions = status?.conditions ?? [];
  const isAll = (type: string): boolean =>
    status !== undefined && conditions.every((one) => one.type !== type || one.status === "True");
  const isConflicted = conditions.some(
    ({ type, status: value }) => type === "Conflicted" && value === "True",
  );
  return {
    kinds: (status?.supportedKinds ?? []).map(({ kind }) => kind),
    // Of one that is wrong by itself, as with a selector that nobody can read, it says only that it is not programmed.
    isAccepted:
      isConflicted ||
      isAll(conditions.some(({ type }) => type === "Accepted") ? "Accepted" : "Programmed"),
    isRight: isConflicted || isAll("Programmed"),
    isResolved: isAll("ResolvedRefs"),
  };
}

/** The listeners that are served at a port; those of UDP have ports of their own. */
export function listenersAt(
  listeners: readonly DocumentListener[],
  { gateway, port, isUdp = false }: { gateway: string; port: number; isUdp?: boolean },
): DocumentListener[] {
  return listeners.filter(
    (one) =>
      one.isServed &&
      one.gateway.key === gateway &&
      one.port === port &&
      (one.protocol === "UDP") === isUdp,
  );
}

/**
 * The listener that a host name belongs to: the one with the narrowest name around it (Listener.hostname).
 *
 * @param routing `<namespace>/<gateway>/<port>`, and the listener behind it if it is one of HTTPS
 */
export function listenerOf(
  listeners: readonly DocumentListener[],
  routing: string,
  domain: string,
): DocumentListener | undefined {
  const [namespace, name, port, listener] = routing.split("/");
  const gateway = `${namespace}/${name}`;
  const owner = narrowest(listenersAt(listeners, { gateway, port: Number(port) }), domain);
  return listener === undefined || owner?.label === listener ? owner : undefined;
}

/**
 * Whether a listener is not accepted: it names kinds of routes that it cannot take, or may use none of its certificates
 * (AllowedRoutes.kinds, ListenerTLSConfig.certificateRefs).
 */
export function isInvalid(
  objects: DocumentObjects,
  listener: OwnedListener & Pick<DocumentListener, "kinds">,
): boolean {
  const wanted = listener.allowedRoutes?.kinds ?? [];
  return (
    wanted.some(
      ({ group = GATEWAY_API, kind }) => group !== GATEWAY_API || !listener.kinds.includes(kind),
    ) || isForbiddenAll(objects, listener)
  );
}

function isForbiddenAll(
  objects: DocumentObjects,
  { owner: { kind: own }, namespace, tls }: OwnedListener,
): boolean {
  const { mode, certificateRefs = [] } = tls ?? {};
  if (mode === "Passthrough" || certificateRefs.length === 0) return false;
  return certificateRefs.every(({ group = "", kind = "Secret", ...ref }) => {
    const to = { kind, namespace: ref.namespace ?? namespace, name: ref.name };
    return group === "" && kind === "Secret" && !objects.permits({ kind: own, namespace }, to);
  });
}
