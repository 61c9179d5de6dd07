import { GATEWAY_API } from "../../documents/scene.ts";
import type { Translation } from "../translation.ts";
import { narrowest } from "./host-names.ts";
import type { DocumentObjects, Gateway, Listener } from "./objects.ts";

/** A listener of a document. */
export interface DocumentListener extends Listener {
  readonly gateway: Gateway;
  /** `<gateway>/<listener>` */
  readonly id: string;
  readonly kinds: readonly string[];
  readonly isServed: boolean;
  /** All that it refers to is there. */
  readonly isResolved: boolean;
}

/** All listeners of a document. Which are served and what kinds they take is said by both translators, and compared. */
export function documentListeners(
  { gateways }: DocumentObjects,
  statuses: Translation["statuses"],
): DocumentListener[] {
  return gateways.flatMap((gateway) =>
    gateway.listeners.map((listener) => {
      const status = statuses
        .get(`Gateway ${gateway.key}`)
        ?.listeners?.find(({ name }) => name === listener.name);
      const isAll = (type: string): boolean =>
        status?.conditions.every((one) => one.type !== type || one.status === "True") === true;
      return {
        ...listener,
        gateway,
        id: `${gateway.key}/${listener.name}`,
        kinds: (status?.supportedKinds ?? []).map(({ kind }) => kind),
        isServed: isAll("Programmed"),
        isResolved: isAll("ResolvedRefs"),
      };
    }),
  );
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
  return listener === undefined || owner?.name === listener ? owner : undefined;
}

/**
 * Whether a listener is not accepted: it names kinds of routes that it cannot take, or may use none of its certificates
 * (AllowedRoutes.kinds, ListenerTLSConfig.certificateRefs).
 */
export function isInvalid(objects: DocumentObjects, listener: DocumentListener): boolean {
  const wanted = listener.allowedRoutes?.kinds ?? [];
  return (
    wanted.some(
      ({ group = GATEWAY_API, kind }) => group !== GATEWAY_API || !listener.kinds.includes(kind),
    ) || isForbiddenAll(objects, listener)
  );
}

function isForbiddenAll(
  objects: DocumentObjects,
  { gateway: { namespace }, tls }: DocumentListener,
): boolean {
  const { mode, certificateRefs = [] } = tls ?? {};
  if (mode === "Passthrough" || certificateRefs.length === 0) return false;
  return certificateRefs.every(({ group = "", kind = "Secret", ...ref }) => {
    const to = { kind, namespace: ref.namespace ?? namespace, name: ref.name };
    return (
      group === "" && kind === "Secret" && !objects.permits({ kind: "Gateway", namespace }, to)
    );
  });
}
