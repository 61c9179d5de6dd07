import type { Read } from "../incremental/stage.ts";
import { GATEWAY_GROUP } from "../resources/kinds.ts";
import type { GatewayAddresses } from "../translator/addresses/address-stages.ts";
import type { Attachments } from "../translator/listeners/attachments.ts";
import { listenerPieceName } from "../translator/listeners/piece-names.ts";
import type { TranslatedGateway, TranslatedListener } from "../translator/translated-gateway.ts";
import type { Condition } from "./condition.ts";
import type { DataPlaneState, RefusedListener } from "./data-plane-state.ts";
import type { ListenerStatus } from "./object-status.ts";

/** What is known of a Gateway when statuses are written. */
export interface KnownGateway {
  readonly gateway: TranslatedGateway;
  readonly attachments: Attachments;
  readonly where: GatewayAddresses;
  readonly dataPlane: DataPlaneState;
}

/** The status of a listener: of a Gateway, or of a ListenerSet. */
export function listenerStatus(
  read: Read,
  known: KnownGateway,
  listener: TranslatedListener,
  generation: number,
): ListenerStatus {
  return {
    name: listener.name,
    supportedKinds: listener.kinds.map((kind) => ({ group: GATEWAY_GROUP, kind })),
    attachedRoutes: known.attachments.count(read, listener.id),
    conditions: listenerConditions(known, listener, generation),
  };
}

/** True for a listener that the data plane has. */
export function isProgrammed(known: KnownGateway, listener: TranslatedListener): boolean {
  const { dataPlane } = known;
  return listener.programmed && dataPlane.programmed && refusalOf(known, listener) === undefined;
}

function listenerConditions(
  known: KnownGateway,
  listener: TranslatedListener,
  observedGeneration: number,
): readonly Condition[] {
  const { conditions } = listener;
  if (conditions.some(({ type }) => type === "Programmed")) return conditions;
  const refused = refusalOf(known, listener);
  const programmed = { ...programming(known, listener, refused), type: "Programmed" };
  return [...conditions, { ...programmed, observedGeneration }];
}

type Verdict = Pick<Condition, "status" | "reason" | "message">;

function programming(
  { gateway, dataPlane }: KnownGateway,
  listener: TranslatedListener,
  refused: RefusedListener | undefined,
): Verdict {
  if (!listener.programmed)
    return {
      status: "False",
      reason: "Invalid",
      message: gateway.accepted ? "the listener is not served" : "the Gateway is not accepted",
    };
  if (refused !== undefined)
    return { status: "False", reason: "Invalid", message: refused.message };
  if (!dataPlane.programmed)
    return { status: "False", reason: "Pending", message: dataPlane.message };
  return { status: "True", reason: "Programmed", message: "the data plane has the listener" };
}

function refusalOf(
  { gateway, dataPlane }: KnownGateway,
  listener: TranslatedListener,
): RefusedListener | undefined {
  const piece = listenerPieceName(gateway.key, listener);
  return dataPlane.refused?.find(({ listener: refused }) => refused === piece);
}
