import { Hash64 } from "../../base/hash64.ts";
import { murmurHash2 } from "../../base/murmur-hash2.ts";
import { xxHash64 } from "../../base/xx-hash64.ts";
import type { Host } from "../host.ts";
import type { RingHashConfig } from "../model.ts";
import { EMPTY_TABLE, type HashTable, type HashTableBuilder } from "./hash-table.ts";
import { hostKey } from "./host-key.ts";
import type { NormalizedHosts } from "./normalized-hosts.ts";
import { ringShape, type RingShape } from "./ring-shape.ts";

/** Points of a ring in the order of their hashes, cut into buckets by the upper bits, about one point in each. */
interface Points {
  readonly highs: Int32Array;
  readonly lows: Int32Array;
  /** Indices into the hosts. */
  readonly hosts: Uint32Array;
  /** Where each bucket begins. */
  readonly starts: Uint32Array;
  /** From the upper half of a hash to its bucket. */
  readonly shift: number;
}

/** Ketama: each host has points on a ring of hashes, and a request goes to the next point. */
class Ring implements HashTable {
  readonly #hosts: readonly Host[];
  readonly #points: Points;

  constructor(hosts: readonly Host[], points: Points) {
    this.#hosts = hosts;
    this.#points = points;
  }

  choose(hash: Hash64, attempt: number): Host {
    const { highs, lows, hosts, starts, shift } = this.#points;
    let at = starts[hash.high >>> shift]!;
    while (at < highs.length && compare(highs[at]!, lows[at]!, hash.high, hash.low) < 0) at++;
    return this.#hosts[hosts[(at + attempt) % highs.length]!]!;
  }
}

/** Hashes the points of all hosts, then puts them in order. */
export class RingBuilder implements HashTableBuilder {
  readonly #config: RingHashConfig;
  readonly #hosts: readonly Host[];
  readonly #shape: RingShape;
  readonly #hashed: { readonly highs: Int32Array; readonly lows: Int32Array };
  readonly #points: Points;
  /** Where the next point of each bucket goes; null while points are hashed. */
  #next: Uint32Array | null = null;
  /** The next point: of which host, its number there, and in all. */
  #host = 0;
  #point = 0;
  #done = 0;
  #key = "";

  constructor(config: RingHashConfig, { hosts, shares, minShare }: NormalizedHosts) {
    this.#config = config;
    this.#hosts = hosts;
    this.#shape = ringShape(shares, minShare, config);
    const { size } = this.#shape;
    const shift = Math.clz32(Math.max(2, size) - 1);
    this.#hashed = { highs: new Int32Array(size), lows: new Int32Array(size) };
    this.#points = {
      highs: new Int32Array(size),
      lows: new Int32Array(size),
      hosts: new Uint32Array(size),
      starts: new Uint32Array((0xffff_ffff >>> shift) + 2),
      shift,
    };
  }

  step(units: number): HashTable | null {
    const { size } = this.#shape;
    if (size === 0) return EMPTY_TABLE;
    let left = units;
    if (this.#next === null) {
      for (; left > 0 && this.#done < size; left--) this.#hashNext();
      if (this.#done < size) return null;
      this.#next = beginsOf(this.#points.starts);
      this.#host = this.#point = this.#done = 0;
    }
    for (; left > 0 && this.#done < size; left--) this.#placeNext(this.#next);
    return this.#done < size ? null : new Ring(this.#hosts, this.#points);
  }

  #hashNext(): void {
    this.#findHost();
    if (this.#point === 0)
      this.#key = `${hostKey(this.#hosts[this.#host]!, this.#config.useHostname)}_`;
    const text = this.#key + String(this.#point++);
    if (this.#config.hashFunction === "murmur_hash_2") {
      murmurHash2(text, HASH);
    } else {
      HASH.set(0, 0);
      xxHash64(text, HASH);
    }
    this.#hashed.highs[this.#done] = HASH.high;
    this.#hashed.lows[this.#done++] = HASH.low;
    // One further: sums of these are where the buckets begin.
    this.#points.starts[(HASH.high >>> this.#points.shift) + 1]! += 1;
  }

  /** Into its bucket, among those that are there: few, because hashes are spread evenly. */
  #placeNext(next: Uint32Array): void {
    this.#findHost();
    const point = this.#point++;
    const high = this.#hashed.highs[this.#done]!;
    const low = this.#hashed.lows[this.#done++]!;
    const bucket = high >>> this.#points.shift;
    let at = next[bucket]!++;
    const { highs, lows, hosts, starts } = this.#points;
    for (const start = starts[bucket]!; at > start; at--) {
      const difference = compare(high, low, highs[at - 1]!, lows[at - 1]!);
      const order = difference || rank(this.#host, point) - rank(hosts[at - 1]!, point);
      if (order >= 0) break;
      highs[at] = highs[at - 1]!;
      lows[at] = lows[at - 1]!;
      hosts[at] = hosts[at - 1]!;
    }
    highs[at] = high;
    lows[at] = low;
    hosts[at] = this.#host;
  }

  /** The host of the next point. */
  #findHost(): void {
    const { points } = this.#shape;
    while (this.#point === points[this.#host]) {
      this.#host++;
      this.#point = 0;
    }
  }
}

/** Turns the numbers of points, one bucket further, into where buckets begin; a copy of that. */
function beginsOf(starts: Uint32Array): Uint32Array {
  for (let i = 1; i < starts.length; i++) starts[i]! += starts[i - 1]!;
  return starts.slice();
}

/** Used by one call at a time. */
const HASH = new Hash64();

/**
 * Which of two hosts with the same key (the same name, say) has a point before the other: another one from point to point,
 * so that both are chosen. Envoy leaves that to chance.
 */
function rank(host: number, point: number): number {
  return (Math.imul(host + 1, 0x9e37_79b1) ^ Math.imul(point + 1, 0x85eb_ca6b)) >>> 0;
}

/** Of unsigned numbers: below 0 when the first is less. */
function compare(highA: number, lowA: number, highB: number, lowB: number): number {
  return highA === highB ? (lowA >>> 0) - (lowB >>> 0) : (highA >>> 0) - (highB >>> 0);
}
