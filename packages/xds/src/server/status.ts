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

/** What a client has of a resource. */
export interface ResourceStatus {
  readonly name: string;
  /** Of the version that was sent last. */
  readonly version: string;
  readonly state: "accepted" | "sent" | "refused";
  /** Why it was refused; the client may have meant another resource of the same response, until it was asked again. */
  readonly refusal: Refusal | undefined;
}

/** Puts together what the subscriptions of a stream know. */
export function statusOf(info: StreamInfo, subscriptions: readonly Subscription[]): ClientStatus {
  const { id, variant, typeUrl, openedAtMs, node } = info;
  return { id, variant, typeUrl, openedAtMs, node, types: subscriptions.map(statusOfType) };
}

function statusOfType(subscription: Subscription): TypeStatus {
  const { typeUrl, wildcard, names, pending, accepted, refusal } = subscription;
  const underWay = new Set(pending?.resources.map(({ name }) => name));
  return {
    typeUrl,
    wildcard,
    names: names.size,
    newest: subscription.table.set?.version,
    pending: pending?.version,
    accepted,
    refusal,
    resources: Array.from(subscription.known, ([name, version]) => {
      const why = subscription.refused.get(name);
      if (underWay.has(name)) return { name, version, state: "sent", refusal: why };
      return { name, version, state: why === undefined ? "accepted" : "refused", refusal: why };
    }),
  };
}
