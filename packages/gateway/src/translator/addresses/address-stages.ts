import type { Gateway } from "#gen/resources";
import type { Cells } from "../../incremental/cells.ts";
import { Index } from "../../incremental/index-cells.ts";
import { Stage } from "../../incremental/stage.ts";
import type { ResourceStore } from "../../resources/store.ts";
import type { TranslatedClass } from "../classes/translated-class.ts";
import { gatewayParameters } from "../infrastructure/gateway-parameters.ts";
import type { TranslatedGateway } from "../translated-gateway.ts";
import { assignAddresses, type AddressDemand, type Assignments } from "./assign-addresses.ts";
import { listenAddresses, unusableAddresses } from "./requested-addresses.ts";

/** Where a Gateway listens. */
export interface GatewayAddresses {
  /** Undefined: at all addresses. None: nowhere. */
  readonly listenOn?: readonly string[];
  /** Why it has none, or not all, of those that it wants. */
  readonly problem?: {
    readonly reason: "AddressNotUsable" | "AddressNotAssigned";
    readonly message: string;
  };
}

interface AddressInputs {
  readonly store: ResourceStore;
  readonly classes: Cells<TranslatedClass>;
  readonly gateways: Cells<TranslatedGateway>;
}

export interface AddressStages {
  /** In the order in which they are computed. */
  readonly order: readonly Pick<Stage<never>, "name" | "computed" | "isSettled" | "run">[];
  /** By the key of the Gateway. */
  readonly addresses: Stage<GatewayAddresses>;
}

/** Pools may overlap, so all Gateways are looked at together: they are few, and seldom want something else. */
const ALL = "all";

/** The stages that find addresses for Gateways. */
export function addressStages(inputs: AddressInputs): AddressStages {
  const { gateways } = inputs;
  const demands = addressDemands(inputs);
  const together = new Index("address demands together", demands, () => [ALL]);
  const assignments: Stage<Assignments> = new Stage<Assignments>({
    name: "address assignments",
    compute: (_, read) => {
      const wanted = Array.from(read.one(together, ALL) ?? [], (key) => read.one(demands, key));
      return assignAddresses(
        wanted.filter((demand) => demand !== undefined),
        assignments.peek(ALL) ?? {},
      );
    },
  }).forEach(together);
  const addresses = new Stage<GatewayAddresses>({
    name: "gateway addresses",
    compute: (key, read) => {
      const demand = read.one(demands, key);
      const requested = read.one(gateways, key)?.addresses ?? [];
      if (demand === undefined) return {};
      if (demand.pool.length > 0) return ofPool(demand, read.one(assignments, ALL)?.[key]);
      const unusable = unusableAddresses(requested);
      return {
        listenOn: demand.fixed,
        ...(unusable.length > 0 && {
          problem: { reason: "AddressNotUsable", message: `addresses: ${unusable.join("; ")}` },
        }),
      };
    },
  }).forEach(gateways);
  return { order: [demands, assignments, addresses], addresses };
}

/** Of Gateways that listen at some addresses, and not at all of them. */
function addressDemands({ store, classes, gateways }: AddressInputs): Stage<AddressDemand> {
  return new Stage<AddressDemand>({
    name: "address demands",
    compute: (key, read) => {
      const gateway = read.one(gateways, key);
      const object = read.one(store.table<Gateway>("Gateway"), key);
      if (gateway?.accepted !== true || object === undefined) return undefined;
      const { age } = gateway;
      const fixed = listenAddresses(gateway.addresses);
      if (fixed !== undefined) return { key, age, fixed, pool: [] };
      const { addressPool: pool = [] } = gatewayParameters(read, { store, classes }, object);
      return pool.length === 0 ? undefined : { key, age, fixed: [], pool };
    },
  }).forEach(gateways);
}

function ofPool({ pool }: AddressDemand, address: string | undefined): GatewayAddresses {
  if (address !== undefined) return { listenOn: [address] };
  const message = `no address of the pool ${pool.join(", ")} is left`;
  return { listenOn: [], problem: { reason: "AddressNotAssigned", message } };
}
