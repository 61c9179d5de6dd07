import type { StreamInfo } from "./server.ts";
import type { Refusal, Subscription } from "./subscription.ts";

/** What is known of a stream's client. */
export interface ClientStatus extends StreamInfo {
  readonly types: readonly TypeStatus[];
}

/** What a client has of a type. Times are those of the server's clock. */
export interface TypeStatus {
  readonly typeUrl: string;
  readonly wildcard: boolean;
  /** How many resources the client has named. */
  readonly names: number;
  /** Version of the set that the cache has for the client; undefined as long as it has none. */
  readonly newest: string | undefined;
  /** The version under way: sent and not answered. */
  readonly pending: string | undefined;
  /** The last version that the client accepted. */
  readonly accepted: { readonly version: string; readonly atMs: number } | undefined;
  /** The last version that the client refused, when it has accepted none since. */
  readonly refusal: Refusal | undefined;
  readonly resources: readonly ResourceStatus[];
}

/** What a client has of a resource that it wants. */
export interface ResourceStatus {
  readonly name: string;
  /** Of the version that was sent last; undefined when the resource was never there. */
  readonly version: string | undefined;
  readonly state: "absent" | "sent" | "accepted" | "refused";
  /** Why it was refused; the client may have meant another resource of the same response, until it was asked again. */
  readonly refusal: Refusal | undefined;
}

/** What one of several clients has of a resource. */
export interface ResourceOfClient extends ResourceStatus {
  readonly stream: StreamInfo;
}

/** A resource of which a client refused the last version. */
export interface RefusedResource {
  readonly stream: StreamInfo;
  readonly typeUrl: string;
  readonly name: string;
  readonly refusal: Refusal;
}

/** Puts together what the subscriptions of a stream know. */
export function statusOf(info: StreamInfo, subscriptions: readonly Subscription[]): ClientStatus {
  const { id, variant, typeUrl, openedAtMs, node } = info;
  return { id, variant, typeUrl, openedAtMs, node, types: subscriptions.map(statusOfType) };
}

/** What a client has of the type of a subscription. */
export function statusOfType(subscription: Subscription): TypeStatus {
  const { typeUrl, wildcard, names, pending, accepted, refusal } = subscription;
  const underWay = namesUnderWay(subscription);
  const known = new Set([...names, ...subscription.known.keys()]);
  return {
    typeUrl,
    wildcard,
    names: names.size,
    newest: subscription.table.set?.version,
    pending: pending?.version,
    accepted,
    refusal,
    resources: Array.from(known, (name) => resourceStatus(subscription, name, underWay)),
  };
}

/** What the client of these subscriptions has of a resource; undefined when it does not want it. */
export function statusOfResource(
  subscriptions: readonly Subscription[],
  typeUrl: string,
  name: string,
): ResourceStatus | undefined {
  const subscription = subscriptions.find((each) => each.typeUrl === typeUrl);
  if (subscription?.wants(name) !== true) return undefined;
  return resourceStatus(subscription, name, namesUnderWay(subscription));
}

/** What a client refuses and is not asked again. */
export function refusedOf(subscription: Subscription): Omit<RefusedResource, "stream">[] {
  const { typeUrl, refused, retries } = subscription;
  if (refused.size === 0) return [];
  const askedAgain = new Set([...namesUnderWay(subscription), ...retries.flat()]);
  return Array.from(refused, ([name, refusal]) => ({ typeUrl, name, refusal })).filter(
    ({ name }) => !askedAgain.has(name),
  );
}

function namesUnderWay({ pending }: Subscription): ReadonlySet<string> {
  return new Set(pending?.resources.map(({ name }) => name));
}

function resourceStatus(
  { known, refused }: Subscription,
  name: string,
  underWay: ReadonlySet<string>,
): ResourceStatus {
  const version = known.get(name);
  const refusal = refused.get(name);
  if (version === undefined) return { name, version, state: "absent", refusal };
  if (underWay.has(name)) return { name, version, state: "sent", refusal };
  return { name, version, state: refusal === undefined ? "accepted" : "refused", refusal };
}
