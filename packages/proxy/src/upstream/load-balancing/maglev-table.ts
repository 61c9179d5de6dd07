import { Hash64 } from "../../base/hash64.ts";
import { xxHash64 } from "../../base/xx-hash64.ts";
import type { Host } from "../host.ts";
import type { MaglevConfig } from "../model.ts";
import { EMPTY_TABLE, type HashTable, type HashTableBuilder } from "./hash-table.ts";
import { maglevHosts, MaglevTurns } from "./maglev-turns.ts";
import type { NormalizedHosts } from "./normalized-hosts.ts";

/** Google's Maglev: a table of a prime size in which each host has a share of the entries (listing 1 of the paper). */
class MaglevTable implements HashTable {
  readonly #hosts: readonly Host[];
  readonly #entries: Entries;

  constructor(hosts: readonly Host[], entries: Entries) {
    this.#hosts = hosts;
    this.#entries = entries;
  }

  choose(hash: Hash64, attempt: number): Host {
    let key = hash;
    if (attempt > 0) {
      // Other bits for each attempt, most of them set: Envoy XORs with 2^64 - attempt.
      key = RETRY;
      key.copy(hash);
      key.xor(-1, -attempt);
    }
    return this.#hosts[this.#entries[key.modulo(this.#entries.length)]!]!;
  }
}

/** Used by one call at a time. */
const RETRY = new Hash64();
const HASH = new Hash64();

/** A look at an entry takes nanoseconds. */
const PROBES_PER_UNIT = 16;

/** Indices into the hosts; the largest number stands for an entry that is free. */
type Entries = Uint8Array | Uint16Array | Uint32Array;

/** As narrow as the number of hosts allows: every worker has tables of its own. */
function freeEntries(size: number, hosts: number): Entries {
  if (hosts <= 0xff) return new Uint8Array(size).fill(0xff);
  if (hosts <= 0xffff) return new Uint16Array(size).fill(0xffff);
  return new Uint32Array(size).fill(0xffff_ffff);
}

/** Lets hosts take turns in filling the table, each along its own permutation of the entries. */
export class MaglevBuilder implements HashTableBuilder {
  readonly #hosts: readonly Host[];
  readonly #turns: MaglevTurns;
  readonly #entries: Entries;
  /** What a free entry holds. */
  readonly #free: number;
  /** By index of the host: the entry that it asks for next, and from one to the next. */
  readonly #next: Uint32Array;
  readonly #skips: Uint32Array;
  #filled = 0;

  constructor(config: MaglevConfig, normalized: NormalizedHosts) {
    const hosts = maglevHosts(config, normalized);
    this.#hosts = hosts.map(({ host }) => host);
    this.#turns = new MaglevTurns(
      hosts.map(({ share }) => share),
      normalized.maxShare,
    );
    const size = hosts.length === 0 ? 0 : config.tableSize;
    this.#entries = freeEntries(size, hosts.length);
    this.#free = this.#entries[0] ?? 0;
    this.#next = new Uint32Array(hosts.length);
    this.#skips = new Uint32Array(hosts.length);
    for (const [index, { key }] of hosts.entries()) {
      HASH.set(0, 0);
      xxHash64(key, HASH);
      this.#next[index] = HASH.modulo(size);
      HASH.set(0, 1);
      xxHash64(key, HASH);
      this.#skips[index] = HASH.modulo(size - 1) + 1;
    }
  }

  step(units: number): HashTable | null {
    const size = this.#entries.length;
    if (size === 0) return EMPTY_TABLE;
    for (let left = units * PROBES_PER_UNIT; left > 0 && this.#filled < size;)
      left -= this.#takeTurn();
    return this.#filled < size ? null : new MaglevTable(this.#hosts, this.#entries);
  }

  /** The entries that were looked at. */
  #takeTurn(): number {
    const host = this.#turns.next();
    if (host < 0) return 1;
    const entries = this.#entries;
    const skip = this.#skips[host]!;
    const left = entries.length - skip;
    let at = this.#next[host]!;
    let steps = 1;
    for (; entries[at] !== this.#free; steps++) at = at < left ? at + skip : at - left;
    entries[at] = host;
    this.#filled++;
    this.#next[host] = at < left ? at + skip : at - left;
    return steps;
  }
}
