import type { CachedResource } from "./cached-resource.ts";

/**
 * The version of a set of resources: the sum of their digests. It does not depend on the order, costs one addition for a
 * change, and is the same on every server and after a restart.
 */
export class SetVersion {
  #sum = 0n;

  /** The resource is part of the set from now on. */
  add({ digest }: CachedResource): void {
    this.#sum = BigInt.asUintN(64, this.#sum + digest);
  }

  /** The resource is no longer part of the set. */
  remove({ digest }: CachedResource): void {
    this.#sum = BigInt.asUintN(64, this.#sum - digest);
  }

  /** 16 hexadecimal digits. */
  toString(): string {
    return this.#sum.toString(16).padStart(16, "0");
  }
}
