import type { Cells } from "../incremental/cells.ts";
import { Index } from "../incremental/index-cells.ts";
import { Stage, type Read } from "../incremental/stage.ts";
import type { ObjectKey } from "../resources/object.ts";
import type { GatewayAddresses } from "../translator/addresses/address-stages.ts";
import type { Attachments } from "../translator/listeners/attachments.ts";
import { withoutPorts } from "../translator/ports/without-ports.ts";
import type { TranslatedGateway, TranslatedListenerSet } from "../translator/translated-gateway.ts";
import type { Condition } from "./condition.ts";
import type { DataPlaneState } from "./data-plane-state.ts";
import { isProgrammed, listenerStatus, type KnownGateway } from "./listener-status.ts";
import type { ObjectStatus, StatusAddress } from "./object-status.ts";

interface StatusInputs {
  readonly gateways: Cells<TranslatedGateway>;
  readonly attachments: Attachments;
  readonly addresses: Cells<GatewayAddresses>;
  readonly dataPlanes: Cells<DataPlaneState>;
}

/** Where nobody runs what is translated. */
const TRANSLATED: DataPlaneState = {
  programmed: true,
  reason: "Programmed",
  message: "all listeners that are valid are translated",
};

/** Statuses of Gateways, by `Gateway/<key>`. */
export function gatewayStatuses(inputs: StatusInputs): Stage<ObjectStatus> {
  const keys = new Index("gateway statuses", inputs.gateways, ({ key }) => [`Gateway/${key}`]);
  return new Stage<ObjectStatus>({
    name: "gateway statuses",
    compute: (statusKey, read) => {
      const [key] = read.one(keys, statusKey) ?? [];
      const known = knownGateway(read, inputs, key);
      return known === undefined ? undefined : gatewayStatus(read, known);
    },
  }).forEach(keys);
}

/** Statuses of ListenerSets of Gateways of ours, by `ListenerSet/<key>`. */
export function listenerSetStatuses(inputs: StatusInputs): Stage<ObjectStatus> {
  const keys = new Index("listener set statuses", inputs.gateways, ({ listenerSets }) =>
    listenerSets.map(({ key }) => `ListenerSet/${key}`),
  );
  return new Stage<ObjectStatus>({
    name: "listener set statuses",
    compute: (statusKey, read) => {
      const [key] = read.one(keys, statusKey) ?? [];
      const known = knownGateway(read, inputs, key);
      const set = known?.gateway.listenerSets.find((one) => `ListenerSet/${one.key}` === statusKey);
      return known === undefined || set === undefined
        ? undefined
        : listenerSetStatus(read, known, set);
    },
  }).forEach(keys);
}

function knownGateway(
  read: Read,
  { gateways, attachments, addresses, dataPlanes }: StatusInputs,
  key: ObjectKey | undefined,
): KnownGateway | undefined {
  const gateway = key === undefined ? undefined : read.one(gateways, key);
  if (gateway === undefined) return undefined;
  const where = read.one(addresses, gateway.key) ?? {};
  const dataPlane =
    where.problem !== undefined && where.listenOn?.length === 0
      ? { ...where.problem, programmed: false }
      : read.one(dataPlanes, gateway.key);
  return {
    gateway: withoutPorts(gateway, missingPorts(gateway, dataPlane)),
    attachments,
    where,
    dataPlane: dataPlane ?? TRANSLATED,
  };
}

/** Ports that the data plane cannot bind, and why. */
function missingPorts(
  { key }: TranslatedGateway,
  dataPlane: DataPlaneState | undefined,
): ReadonlyMap<string, string> {
  const refused = dataPlane?.refused ?? [];
  return new Map(
    refused
      .filter(({ reason }) => reason === "PortUnavailable")
      .map(({ listener, message }) => [listener.slice(key.length + 1), message]),
  );
}

function gatewayStatus(read: Read, known: KnownGateway): ObjectStatus {
  const { key, generation, conditions, listeners, listenerSets } = known.gateway;
  const own = listeners.filter(({ owner }) => owner.kind === "Gateway");
  const addresses = statusAddresses(known);
  return {
    kind: "Gateway",
    key,
    status: {
      conditions: [...conditions, gatewayProgrammed(known)],
      ...(addresses.length > 0 && { addresses }),
      listeners: own.map((listener) => listenerStatus(read, known, listener, generation)),
      attachedListenerSets: listenerSets.filter(({ accepted }) => accepted).length,
    },
  };
}

function statusAddresses({ gateway, where, dataPlane }: KnownGateway): readonly StatusAddress[] {
  if (!gateway.accepted || unusableAddress(dataPlane) !== undefined) return [];
  if (where.listenOn === undefined) return dataPlane.addresses ?? [];
  return where.listenOn.map((value) => ({ type: "IPAddress", value }));
}

function gatewayProgrammed(known: KnownGateway): Condition {
  const { gateway, where, dataPlane } = known;
  const about = { type: "Programmed", observedGeneration: gateway.generation };
  const no = (reason: string, message: string): Condition => ({
    ...about,
    status: "False",
    reason,
    message,
  });
  if (!gateway.accepted) return no("Invalid", notAccepted(gateway));
  if (!gateway.listeners.some(({ programmed }) => programmed))
    return no("Invalid", "none of the listeners can be served");
  if (where.problem !== undefined) return no(where.problem.reason, where.problem.message);
  const unusable = unusableAddress(dataPlane);
  if (unusable !== undefined) return no("AddressNotUsable", unusable);
  if (!dataPlane.programmed) return no(dataPlane.reason, dataPlane.message);
  if (!gateway.listeners.some((listener) => isProgrammed(known, listener)))
    return no("Invalid", "the data plane takes none of the listeners");
  return { ...about, status: "True", reason: "Programmed", message: dataPlane.message };
}

/** Why an address that the Gateway asks for cannot be listened on. A listener that has it is refused with all its addresses. */
function unusableAddress({ refused = [] }: DataPlaneState): string | undefined {
  return refused.find(({ reason }) => reason === "AddressNotUsable")?.message;
}

function notAccepted({ conditions }: TranslatedGateway): string {
  const accepted = conditions.find(({ type }) => type === "Accepted");
  return `the Gateway is not accepted: ${accepted?.message}`;
}

function listenerSetStatus(
  read: Read,
  known: KnownGateway,
  set: TranslatedListenerSet,
): ObjectStatus {
  const { key, generation, conditions } = set;
  const listeners = known.gateway.listeners.filter(
    ({ owner }) => owner.kind === "ListenerSet" && owner.key === key,
  );
  const decided = conditions.some(({ type }) => type === "Programmed");
  const some = listeners.some((listener) => isProgrammed(known, listener));
  return {
    kind: "ListenerSet",
    key,
    status: {
      conditions: decided
        ? conditions
        : [...conditions, setProgrammed(some, known.dataPlane, generation)],
      listeners: listeners.map((listener) => listenerStatus(read, known, listener, generation)),
    },
  };
}

function setProgrammed(
  some: boolean,
  dataPlane: DataPlaneState,
  observedGeneration: number,
): Condition {
  const about = { type: "Programmed", observedGeneration };
  if (some) return { ...about, status: "True", reason: "Programmed", message: dataPlane.message };
  return dataPlane.programmed
    ? { ...about, status: "False", reason: "ListenersNotValid", message: "no listener is served" }
    : { ...about, status: "False", reason: "ParentNotProgrammed", message: dataPlane.message };
}
