import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Random } from "../harness/random.ts";
import { Coverage } from "./coverage.ts";
import { fuzz } from "./engine.ts";
import { mutateBytes } from "./mutate-bytes.ts";
import { shrinkInput } from "./shrink.ts";
import { plantedBug } from "./testing/planted-bug.ts";

const { runs } = plantedBug;
const SEED = 1;

describe("a bug behind five bytes, one inside the other", () => {
  it("is found, and its input is made small", () => {
    const coverage = new Coverage(plantedBug.covers);
    try {
      const { failures } = fuzz(plantedBug, coverage, {
        runs,
        seed: SEED,
        stopsAtFailure: true,
      });
      assert.deepEqual(
        failures.map(({ message }) => message),
        ["the planted bug"],
      );
      assert.equal(failures[0]!.input.toString("latin1"), "nunci");
    } finally {
      coverage.close();
    }
  });

  it("is not found by as many inputs that coverage does not guide", () => {
    const blind = { take: () => false };
    assert.deepEqual(fuzz(plantedBug, blind, { runs, seed: SEED }).failures, []);
  });
});

describe("a run", () => {
  it("is the same with the same seed and the same novelties", () => {
    // Not by coverage: which counts V8 keeps of a function depends on when it optimises it.
    const run = (seed: number): string[] => {
      let calls = 0;
      const everyTenth = { take: () => ++calls % 10 === 0 };
      const { corpus } = fuzz(plantedBug, everyTenth, { runs: 3000, seed });
      return corpus.map((input) => input.toString("hex"));
    };
    assert.deepEqual(run(7), run(7));
    assert.notDeepEqual(run(7), run(8));
  });

  it("keeps different failures apart, and ends with five of them", () => {
    const target = {
      name: "toy",
      covers: [],
      runs: 1,
      seeds: [Buffer.alloc(4)],
      dictionary: [],
      run(input: Buffer): void {
        if (input.length > 0)
          throw new Error(`at ${"x".repeat(1 + (input[0]! & 7))}, ${input.length}`);
      },
    };
    const result = fuzz(target, { take: () => false }, { runs: 10_000, seed: 1 });
    assert.equal(new Set(result.failures.map(({ message }) => message)).size, 5);
    assert.ok(result.runs < 10_000);
  });
});

describe("mutations", () => {
  it("are never longer than they may be, and reach every octet", () => {
    const random = new Random(1);
    const seen = new Set<number>();
    let input: Buffer = Buffer.alloc(4096, "a");
    for (let i = 0; i < 5000; i++) {
      input = mutateBytes(input, Buffer.from("other"), [Buffer.from("word")], random);
      assert.ok(input.length <= 4096);
      for (const octet of input.subarray(0, 64)) seen.add(octet);
    }
    assert.equal(seen.size, 256);
  });
});

describe("shrinking", () => {
  it("leaves what the failure needs", () => {
    const noise = Buffer.from("some ( text } and { more ) of ( it )");
    const smallest = shrinkInput(noise, (input) => /\(.*\)/.test(input.toString()));
    assert.equal(smallest.toString(), "()");
  });
});
