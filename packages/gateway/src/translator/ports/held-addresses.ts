import { SocketAddress, isIPv6 } from "node:net";
import type { ObjectKey } from "../../resources/object.ts";

/** Stand for all addresses of a family. */
const ALL_IPV4 = "0.0.0.0";
const ALL_IPV6 = "::";

/** Where a Gateway listens that asks for no address. */
export const ALL_ADDRESSES: readonly string[] = [ALL_IPV4, ALL_IPV6];

/** An address of a port, and who has it. */
export interface HeldAddress {
  readonly holder: ObjectKey;
  readonly address: string;
}

/** Who has which addresses of one port. */
export class HeldAddresses {
  readonly #byAddress = new Map<string, HeldAddress>();
  /** Of each family, one that is held. */
  readonly #byFamily = new Map<string, HeldAddress>();

  /** What keeps somebody from listening at an address. */
  meeting(address: string): HeldAddress | undefined {
    const all = allOf(address);
    const same = canonical(address);
    return same === all
      ? this.#byFamily.get(all)
      : (this.#byAddress.get(same) ?? this.#byAddress.get(all));
  }

  hold(held: HeldAddress): void {
    const all = allOf(held.address);
    this.#byAddress.set(canonical(held.address), held);
    if (!this.#byFamily.has(all)) this.#byFamily.set(all, held);
  }
}

function allOf(address: string): string {
  return isIPv6(address) ? ALL_IPV6 : ALL_IPV4;
}

/** IPv6 addresses can be written in many ways. */
function canonical(address: string): string {
  return isIPv6(address) ? new SocketAddress({ address, family: "ipv6" }).address : address;
}
