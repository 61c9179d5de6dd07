import { HeaderMap } from "@nuncio/codec";
import type { Hash64 } from "../../base/hash64.ts";
import type { HashPolicies } from "../../http/hash-policy/hash-policies.ts";
import type { StreamInfo } from "../../observe/stream-info.ts";
import type { Cluster } from "../../upstream/cluster.ts";
import type { LoadBalancerContext } from "../../upstream/load-balancer.ts";

/** What a connection has in place of headers. */
const NO_HEADERS = new HeaderMap();

/** The hash of one connection: by the policies of the cluster's load balancer where it has some, else by the proxy's. */
export class TcpHash implements LoadBalancerContext {
  readonly hostSelectionRetryCount = 0;
  readonly #policies: HashPolicies | null;
  readonly #info: StreamInfo;

  constructor(cluster: Cluster, policies: HashPolicies | null, info: StreamInfo) {
    this.#policies = cluster.hashPolicies ?? policies;
    this.#info = info;
  }

  computeHash(hash: Hash64): boolean {
    return this.#policies !== null && this.#policies.hash(NO_HEADERS, this.#info, null, hash);
  }

  shouldSelectAnotherHost(): boolean {
    return false;
  }
}
