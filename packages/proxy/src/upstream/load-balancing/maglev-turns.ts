import { compareText } from "../../base/compare-text.ts";
import type { MaglevConfig } from "../model.ts";
import { hostKey, type KeyedHost } from "./host-key.ts";
import type { NormalizedHosts } from "./normalized-hosts.ts";

/** A host that takes turns in filling a Maglev table. */
export interface MaglevHost<H> {
  readonly host: H;
  readonly key: string;
  readonly share: number;
}

/** The hosts in the order of their turns, by their keys: that of the configuration plays no part. */
export function maglevHosts<H extends KeyedHost>(
  { useHostname }: MaglevConfig,
  { hosts, shares }: NormalizedHosts<H>,
): MaglevHost<H>[] {
  const keyed = hosts.map((host, index) => ({
    host,
    key: hostKey(host, useHostname),
    share: shares[index]!,
  }));
  return keyed.sort((a, b) => compareText(a.key, b.key));
}

/**
 * Whose turn it is to take an entry of a Maglev table: hosts come round by round, those with the largest share each time,
 * others as often as their share of that.
 */
export class MaglevTurns {
  readonly #shares: readonly number[];
  readonly #maxShare: number;
  /** By index of the host: what its share times the round has to reach before it takes another entry. */
  readonly #targets: Float64Array;
  #round = 1;
  #turn = 0;

  constructor(shares: readonly number[], maxShare: number) {
    this.#shares = shares;
    this.#maxShare = maxShare;
    this.#targets = new Float64Array(shares.length);
  }

  /** The index of the host, or -1 when the one that would be next sits this round out. */
  next(): number {
    const host = this.#turn;
    const round = this.#round;
    if (++this.#turn === this.#shares.length) {
      this.#turn = 0;
      this.#round++;
    }
    if (round * this.#shares[host]! < this.#targets[host]!) return -1;
    this.#targets[host]! += this.#maxShare;
    return host;
  }
}
