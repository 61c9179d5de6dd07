import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Hash64 } from "../../base/hash64.ts";
import type { Host } from "../host.ts";
import { hashOf, MAGLEV, RING_HASH } from "../testing/hashing.ts";
import type { HashTable, HashTableBuilder } from "./hash-table.ts";
import { MaglevBuilder } from "./maglev-table.ts";
import type { NormalizedHosts } from "./normalized-hosts.ts";
import { ringShape } from "./ring-shape.ts";
import { RingBuilder } from "./ring.ts";

const KEYS = Array.from({ length: 100 }, (_, i) => hashOf(`key-${i}`));

function normalized(weights: readonly number[]): NormalizedHosts {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const shares = weights.map((weight) => weight / sum);
  const hosts = weights.map(
    (_, i) => ({ address: { text: `10.0.0.1:${i}` }, hostname: "", metadata: null }) as Host,
  );
  const minShare = Math.min(1, ...shares);
  return { hosts, shares, minShare, maxShare: Math.max(0, ...shares) };
}

function complete(builder: HashTableBuilder, units: number): HashTable {
  for (;;) {
    const table = builder.step(units);
    if (table !== null) return table;
  }
}

const BUILDERS: readonly ((hosts: NormalizedHosts) => HashTableBuilder)[] = [
  (hosts) => new RingBuilder({ ...RING_HASH, minimumSize: 100 }, hosts),
  (hosts) => new MaglevBuilder({ ...MAGLEV, tableSize: 101 }, hosts),
];
const weightsOf = fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 12 });

void test("a table that is built in steps is the same", () => {
  fc.assert(
    fc.property(weightsOf, fc.integer({ min: 1, max: 50 }), (weights, units) => {
      const hosts = normalized(weights);
      for (const build of BUILDERS) {
        const whole = complete(build(hosts), Infinity);
        const stepped = complete(build(hosts), units);
        for (const key of KEYS) assert.equal(stepped.choose(key, 0), whole.choose(key, 0));
      }
    }),
    { seed: 3 },
  );
});

void test("every hash finds a host, whatever the attempt, and stays as it is", () => {
  const half = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
  const table = BUILDERS.map((build) => complete(build(normalized([1, 2, 3])), Infinity));
  fc.assert(
    fc.property(half, half, fc.nat(), (high, low, attempt) => {
      const hash = new Hash64();
      hash.set(high, low);
      for (const each of table) assert.notEqual(each.choose(hash, attempt), undefined);
      assert.deepEqual([hash.high, hash.low], [high, low]);
    }),
    {
      seed: 4,
      examples: [
        [-1, -1, 0],
        [0, 0, 0],
      ],
    },
  );
});

void test("a request goes to the first point that is not before its hash, around the ring", () => {
  const hosts = normalized([1, 1, 1]);
  const ring = complete(new RingBuilder({ ...RING_HASH, minimumSize: 30 }, hosts), Infinity);
  const points = hosts.hosts
    .flatMap((host) =>
      Array.from({ length: 10 }, (_, i) => ({
        at: valueOf(hashOf(`${host.address.text}_${i}`)),
        host,
      })),
    )
    .sort((a, b) => (a.at < b.at ? -1 : 1));
  for (const key of KEYS) {
    const expected = points.findIndex(({ at }) => at >= valueOf(key));
    const first = Math.max(0, expected);
    assert.equal(ring.choose(key, 0), points[first]!.host);
    assert.equal(ring.choose(key, 7), points[(first + 7) % 30]!.host);
  }
});

void test("sizes of rings", () => {
  const sizes = { minimumSize: 1024, maximumSize: 8_388_608 };
  const half = { size: 1024, nominalSize: 1024, points: [512, 512] };
  assert.deepEqual(ringShape([0.5, 0.5], 0.5, sizes), half);
  const fifth = 1 / 5;
  assert.equal(ringShape([fifth, fifth, fifth, fifth, fifth], fifth, sizes).size, 1025);
  const small = { minimumSize: 1, maximumSize: 3 };
  const cut = { size: 3, nominalSize: 3, points: [1, 2] };
  assert.deepEqual(ringShape([0.25, 0.75], 0.25, small), cut);
  const none = { minimumSize: 0, maximumSize: 0 };
  assert.deepEqual(ringShape([1], 1, none), { size: 0, nominalSize: 0, points: [0] });
});

void test("a ring whose shares are not the whole shows the size that was aimed at", () => {
  const sizes = { minimumSize: 1024, maximumSize: 8_388_608 };
  assert.deepEqual(ringShape([0.25, 0.25, 0.25], 0.25, sizes), {
    size: 768,
    nominalSize: 1024,
    points: [256, 256, 256],
  });
});

void test("a Maglev table of as many hosts as its entries can tell apart, and of one more", () => {
  for (const count of [255, 256]) {
    const hosts = normalized(Array.from({ length: count }, () => 1));
    const table = complete(new MaglevBuilder({ ...MAGLEV, tableSize: 1009 }, hosts), Infinity);
    const chosen = new Set<Host>();
    const hash = new Hash64();
    for (let entry = 0; entry < 1009; entry++) {
      hash.set(0, entry);
      chosen.add(table.choose(hash, 0)!);
    }
    assert.deepEqual(chosen, new Set(hosts.hosts));
  }
});

function valueOf({ high, low }: Hash64): bigint {
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}
