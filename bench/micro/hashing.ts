import { Hash64 } from "../../packages/proxy/src/base/hash64.ts";
import { xxHash64 } from "../../packages/proxy/src/base/xx-hash64.ts";
/**
 * Consistent hashing: the time of a hash and a pick, of building a table at once, and of the longest step when it is built
 * beside the old one. Prints, asserts nothing.
 *
 *   node bench/micro/hashing.ts [hosts]
 */
import type { Host } from "../../packages/proxy/src/upstream/host.ts";
import type { HashTableBuilder } from "../../packages/proxy/src/upstream/load-balancing/hash-table.ts";
import { MaglevBuilder } from "../../packages/proxy/src/upstream/load-balancing/maglev-table.ts";
import { RingBuilder } from "../../packages/proxy/src/upstream/load-balancing/ring.ts";
import { hashOf, MAGLEV, RING_HASH } from "../../packages/proxy/src/upstream/testing/hashing.ts";

const PICKS = 1_000_000;
const STEP_UNITS = 2000;
const BUILDS = 5;

const count = Number(process.argv[2] ?? 1000);
const hosts = Array.from(
  { length: count },
  (_, i) =>
    ({
      address: { text: `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}:8080` },
      hostname: "",
      metadata: null,
    }) as Host,
);
const share = 1 / count;
const normalized = { hosts, shares: hosts.map(() => share), minShare: share, maxShare: share };

const BUILDERS: readonly (readonly [name: string, build: () => HashTableBuilder])[] = [
  ["ring of 1024", () => new RingBuilder(RING_HASH, normalized)],
  ["ring of 1000000", () => new RingBuilder({ ...RING_HASH, minimumSize: 1_000_000 }, normalized)],
  ["Maglev table of 65537", () => new MaglevBuilder(MAGLEV, normalized)],
];

console.log(`xxHash64 of a session: ${nanoseconds(hashKeys)} ns`);
for (const [name, build] of BUILDERS) {
  let whole = Infinity;
  let longest = Infinity;
  for (let i = 0; i < BUILDS; i++) {
    whole = Math.min(whole, longestStep(build(), Infinity));
    longest = Math.min(longest, longestStep(build(), STEP_UNITS));
  }
  const table = build().step(Infinity)!;
  const hash = new Hash64();
  const pick = nanoseconds(() => {
    for (let i = 0; i < PICKS; i++) {
      hash.set(Math.imul(i, 0x9e37_79b1), i);
      table.choose(hash, 0);
    }
  });
  console.log(
    `${name}, ${count} hosts: pick ${pick} ns, built in ${whole.toFixed(2)} ms, longest of its steps ${longest.toFixed(2)} ms`,
  );
}

function hashKeys(): void {
  const keys = Array.from({ length: 1000 }, (_, i) => `session-${i * 7919}`);
  const hash = hashOf("");
  for (let i = 0; i < PICKS; i++) {
    hash.set(0, 0);
    xxHash64(keys[i % keys.length]!, hash);
  }
}

/** The second run counts: the first compiles. */
function nanoseconds(run: () => void): number {
  run();
  const startMs = performance.now();
  run();
  return Math.round(((performance.now() - startMs) * 1e6) / PICKS);
}

function longestStep(builder: HashTableBuilder, units: number): number {
  let longest = 0;
  for (let done = false; !done;) {
    const startMs = performance.now();
    done = builder.step(units) !== null;
    longest = Math.max(longest, performance.now() - startMs);
  }
  return longest;
}
