import type { Hash64 } from "../../base/hash64.ts";
import { xxHash64 } from "../../base/xx-hash64.ts";
import type { LoadBalancerContext } from "../../upstream/load-balancer.ts";
import type { UdpHashPolicyConfig } from "./model.ts";

/** What the hosts of datagrams are chosen by, one datagram after the other. */
export class UdpHash implements LoadBalancerContext {
  readonly hostSelectionRetryCount = 0;
  readonly #policy: UdpHashPolicyConfig | null;
  /** Who sent the datagram that a host is chosen for. */
  sourceIp = "";

  constructor(policy: UdpHashPolicyConfig | null) {
    this.#policy = policy;
  }

  computeHash(hash: Hash64): boolean {
    if (this.#policy === null) return false;
    hash.set(0, 0);
    xxHash64(this.#policy.kind === "key" ? this.#policy.key : this.sourceIp, hash);
    return true;
  }

  shouldSelectAnotherHost(): boolean {
    return false;
  }
}
