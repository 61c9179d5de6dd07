import type { Read } from "../../incremental/stage.ts";
import type { RouteKindName } from "../../resources/kinds.ts";
import type { AllowedNamespaces } from "../translated-gateway.ts";
import { allowedKinds, allowedNamespaces } from "./allowed-routes.ts";
import type { ClientValidation, PortValidation } from "./client-validation.ts";
import {
  listenerCertificates,
  type ListenerCertificate,
  type Objects,
} from "./listener-certificates.ts";
import type { ListenerEntry } from "./listener-entry.ts";
import { isServed, type Objection } from "./objection.ts";
import { protocolObjections, tlsModeOf } from "./protocol-rules.ts";
import { readTlsOptions, type TlsOptions } from "./tls-options.ts";

/** A listener looked at by itself. */
export interface CheckedListener {
  readonly entry: ListenerEntry;
  readonly objections: readonly Objection[];
  readonly kinds: readonly RouteKindName[];
  readonly namespaces: AllowedNamespaces;
  /** Those that are valid. */
  readonly certificates: readonly ListenerCertificate[];
  readonly options: TlsOptions;
  readonly clients: PortValidation;
}

/** All that can be said of a listener without the others. */
export function checkListener(
  read: Read,
  objects: Objects,
  clients: ClientValidation,
  entry: ListenerEntry,
): CheckedListener {
  const { spec, namespace } = entry;
  const { kinds, objections: ofKinds } = allowedKinds(spec);
  const { allowed, objections: ofNamespaces } = allowedNamespaces(
    "allowedRoutes.namespaces",
    spec.allowedRoutes.namespaces,
    namespace,
  );
  const ofProtocol = protocolObjections(spec);
  const endsTls = tlsModeOf(spec) === "Terminate" && ofProtocol.length === 0;
  const { certificates, objections: ofCertificates } = endsTls
    ? listenerCertificates(read, objects, entry)
    : { certificates: [], objections: [] };
  const { options, objections: ofOptions } = readTlsOptions(spec.tls?.options);
  const ofPort = spec.protocol === "HTTPS" ? clients.ofPort(spec.port) : { objections: [] };
  // Where one condition has several reasons, the first one is told.
  const objections = [
    ...ofProtocol,
    ...ofPort.objections,
    ...ofCertificates,
    ...ofKinds,
    ...ofNamespaces,
    ...ofOptions,
  ];
  return { entry, objections, kinds, namespaces: allowed, certificates, options, clients: ofPort };
}

/** Those that could be served if there were no others. */
export function servable(listeners: readonly CheckedListener[]): CheckedListener[] {
  return listeners.filter(({ objections }) => isServed(objections));
}
