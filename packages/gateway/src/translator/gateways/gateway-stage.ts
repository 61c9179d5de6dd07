import type { Gateway, ListenerSet } from "#gen/resources";
import type { Cells } from "../../incremental/cells.ts";
import type { Index } from "../../incremental/index-cells.ts";
import { Stage, type Read } from "../../incremental/stage.ts";
import { keyOf } from "../../resources/object.ts";
import { observed } from "../../status/condition.ts";
import { requestedAddresses } from "../addresses/requested-addresses.ts";
import type { TranslatedClass } from "../classes/translated-class.ts";
import { ageOf } from "../routes/seniority.ts";
import type { TranslatedGateway } from "../translated-gateway.ts";
import { allowedListeners } from "./allowed-routes.ts";
import { clientCertificate } from "./client-certificate.ts";
import { clientValidation } from "./client-validation.ts";
import {
  acceptance,
  defaultGateway,
  insecureFallback,
  refusal,
  resolution,
} from "./gateway-conditions.ts";
import { DEFAULT_GATEWAY_LIMITS, type GatewayLimits } from "./limits.ts";
import type { Objects } from "./listener-certificates.ts";
import { gatewayEntries } from "./listener-entry.ts";
import { listenerSetsByGateway, listenerSetsOf } from "./listener-sets.ts";
import { mergeListeners } from "./merge-listeners.ts";
import { translateListenerSet } from "./translate-listener-set.ts";

/** Gateways of classes of ours, with the listeners of the ListenerSets that they take; others are left alone. */
export function gatewayStage(
  objects: Objects,
  classes: Cells<TranslatedClass>,
  limits: GatewayLimits = DEFAULT_GATEWAY_LIMITS,
): Stage<TranslatedGateway> {
  const gateways = objects.store.table<Gateway>("Gateway");
  const byGateway = listenerSetsByGateway(objects.store);
  return new Stage<TranslatedGateway>({
    name: "gateways",
    compute: (key, read) => {
      const gateway = read.one(gateways, key)!;
      const gatewayClass = read.one(classes, gateway.spec.gatewayClassName);
      if (gatewayClass === undefined) return undefined;
      return translateGateway(read, { objects, byGateway, limits }, gateway, gatewayClass);
    },
  }).forEach(gateways);
}

interface Surroundings {
  readonly objects: Objects;
  readonly byGateway: Index<ListenerSet>;
  readonly limits: GatewayLimits;
}

function translateGateway(
  read: Read,
  { objects, byGateway, limits }: Surroundings,
  gateway: Gateway,
  gatewayClass: TranslatedClass,
): TranslatedGateway {
  const key = keyOf(gateway);
  const { generation = 0 } = gateway.metadata;
  const { requested, unsupported } = requestedAddresses(gateway.spec.addresses);
  const refused = refusal(read, objects.store, gateway, { gatewayClass, unsupported });
  const { allowed, setsProblem } = allowedListeners(gateway);
  const { store } = objects;
  const sets = listenerSetsOf(read, { store, byGateway }, key, allowed);
  const taken = refused === undefined ? sets.filter((set) => set.allowed) : [];
  const clients = clientValidation(read, objects, gateway);
  const listeners = mergeListeners(read, objects, {
    own: gatewayEntries(gateway),
    sets: taken,
    clients,
    limits,
    refused,
  });
  const shown = clientCertificate(read, objects, gateway);
  const accepted = acceptance(refused, listeners, setsProblem);
  const scope = gateway.spec.defaultScope === "All" ? gateway.spec.defaultScope : undefined;
  return {
    key,
    gatewayClass: gatewayClass.name,
    age: ageOf(gateway.metadata),
    generation,
    accepted: accepted.status === "True",
    conditions: observed(
      [
        accepted,
        resolution(shown.problem, listeners, clients.problems),
        ...insecureFallback(clients.insecure),
        ...defaultGateway(scope),
      ],
      generation,
    ),
    addresses: requested,
    listeners,
    listenerSets: sets.map((set) => translateListenerSet(set, { refused, setsProblem }, listeners)),
    authorities: clients.authorities,
    ...(scope !== undefined && { defaultScope: scope }),
    ...(setsProblem !== undefined && { setsProblem }),
    ...(shown.secret !== undefined && { clientCertificate: shown.secret }),
  };
}
