import type { DocumentObject } from "../../documents/scene.ts";
import type { Chain } from "../connections.ts";
import type { Translation } from "../translation.ts";
import { backendsOf, policyCondition, specifiedAncestors } from "./ancestors.ts";
import { RouteAttachments } from "./attachments.ts";
import { WEB_SOCKET } from "./backends.ts";
import { resolvedRefsOf } from "./client-validation.ts";
import { specifiedChain } from "./connections.ts";
import { covers } from "./host-names.ts";
import {
  documentListeners,
  gatewayKeyOf,
  isInvalid,
  listenerOf,
  type DocumentListener,
} from "./listeners.ts";
import { DocumentObjects, type Policy, type Ref, type Route } from "./objects.ts";
import { resolvedRefsOfRoute } from "./references.ts";

/**
 * What the specification of Gateway API says of a document, in the places where the original is known to differ from it.
 * It is made from the document alone, so that what our translator says there is held against something as well.
 */
export class Specification {
  readonly objects: DocumentObjects;
  readonly attachments: RouteAttachments;
  readonly #listeners: readonly DocumentListener[];

  /** @param statuses the original's: what both translators agree on is taken from there */
  constructor(objects: readonly DocumentObject[], statuses: Translation["statuses"]) {
    this.objects = new DocumentObjects(objects);
    this.#listeners = documentListeners(this.objects, statuses);
    this.attachments = new RouteAttachments(this.objects, this.#listeners, statuses);
  }

  /** The listener of a route configuration that a host name belongs to. */
  listenerOf(routing: string, domain: string): DocumentListener | undefined {
    return listenerOf(this.#listeners, routing, domain);
  }

  /** Whether a listener that is not served has a name around a domain that is as narrow as that of one that is, or narrower. */
  hasUnservedBetween({ gateway, port, hostname }: DocumentListener, domain: string): boolean {
    return this.#listeners.some(
      (one) =>
        !one.isServed &&
        one.gateway === gateway &&
        one.port === port &&
        covers(one.hostname, domain) &&
        covers(hostname, one.hostname),
    );
  }

  /** @param object `Gateway namespace/name` or `ListenerSet namespace/name` */
  listener(object: string, name: string): DocumentListener | undefined {
    return this.listenersOf(object).find((one) => one.name === name);
  }

  /** Those of a ListenerSet that its Gateway takes, or of a Gateway itself. */
  listenersOf(object: string): DocumentListener[] {
    return this.#listeners.filter(({ owner }) => `${owner.kind} ${owner.key}` === object);
  }

  /** Whether a listener is served beside another one of HTTPS of its port. */
  overlaps({ gateway, port, id, isServed }: DocumentListener): boolean {
    return this.#listeners.some(
      (one) =>
        isServed &&
        one.isServed &&
        one.protocol === "HTTPS" &&
        one.gateway === gateway &&
        one.port === port &&
        one.id !== id,
    );
  }

  /** How many ListenerSets of a Gateway have a listener that is accepted (GatewayStatus.attachedListenerSets). */
  acceptedSets(gateway: string): number {
    const accepted = this.#listeners.filter(
      ({ owner, isAccepted, ...one }) =>
        isAccepted && owner.kind === "ListenerSet" && one.gateway.key === gateway,
    );
    return new Set(accepted.map(({ owner }) => owner.key)).size;
  }

  /** @param kind and key, as statuses have them: `HTTPRoute namespace/name` */
  route(object: string): Route | undefined {
    return this.objects.routes.find(({ kind, key }) => `${kind} ${key}` === object);
  }

  /** @param key of a Gateway */
  resolvedRefs(key: string): string | undefined {
    const gateway = this.objects.gateways.find((one) => one.key === key);
    return gateway && resolvedRefsOf(this.objects, gateway, this.#listeners);
  }

  /** @param object `BackendTLSPolicy namespace/name` */
  policy(object: string): Policy | undefined {
    return this.objects.policies.find(({ key }) => `BackendTLSPolicy ${key}` === object);
  }

  /** Whether a parent reference of a route leads to a Gateway, or to a ListenerSet of one. */
  hasParent({ namespace }: Route, ref: Ref): boolean {
    const { gateways, listenerSets } = this.objects;
    const key = `${ref.namespace ?? namespace}/${ref.name}`;
    if (ref.kind !== "ListenerSet") return gateways.some((one) => one.key === key);
    const set = listenerSets.find((one) => one.key === key);
    return set !== undefined && gateways.some((one) => one.key === gatewayKeyOf(set));
  }

  /** What becomes of a route at what a parent reference leads to (RouteConditionReason). */
  accepted(route: Route, ref: Ref): string {
    return this.attachments.accepted(route, ref);
  }

  /** See `resolvedRefsOfRoute`. */
  resolvedRefsOfRoute(route: Route): Set<string> {
    return resolvedRefsOfRoute(this.objects, route);
  }

  isInvalid(listener: DocumentListener): boolean {
    return isInvalid(this.objects, listener);
  }

  /** Keys of Gateways. */
  ancestorsOf(policy: Policy): Set<string> {
    return specifiedAncestors(this.objects, this.attachments, policy);
  }

  /** See `policyCondition`. */
  conditionOf(policy: Policy, type: string): string | null {
    return policyCondition(this.objects, policy, type);
  }

  /** Whether a port, as texts of backends have it, speaks something that gRPC cannot be sent by (BackendRef). */
  isSpokenOtherwise(backend: string): boolean {
    const [, key = "", port] = /^(.*):(\d+)/.exec(backend) ?? [];
    const ports = this.objects.services.get(key)?.ports ?? [];
    return ports.some((one) => `${one.port}` === port && one.appProtocol === WEB_SOCKET);
  }

  /** Whether a backend of a route is one that the route cannot speak to. */
  isUnspoken({ kind, namespace, rules }: Route): boolean {
    const refs = kind === "GRPCRoute" ? rules.flatMap(backendsOf) : [];
    return refs.some((ref) =>
      this.isSpokenOtherwise(`${ref.namespace ?? namespace}/${ref.name}:${ref.port}`),
    );
  }

  /** See `specifiedChain`. */
  chain(place: string, serverName: string): Chain {
    const { objects, attachments } = this;
    return specifiedChain({ objects, attachments, listeners: this.#listeners }, place, serverName);
  }
}
