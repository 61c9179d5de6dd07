import assert from "node:assert/strict";
import { test } from "node:test";
import { TokenBucket, tokenBucketConfig, type TokenBucketConfig } from "./token-bucket.ts";

const MS = 1_000_000n;

function take(bucket: TokenBucket): number {
  let tokens = 0;
  while (bucket.tryTake()) tokens++;
  return tokens;
}

/** A bucket whose clock the test moves; it begins with that of a machine that was just started. */
function bucketAt(config: TokenBucketConfig): {
  readonly bucket: TokenBucket;
  pass(ms: number): void;
} {
  let nowNanos = 5n;
  const bucket = new TokenBucket(config, () => nowNanos);
  return { bucket, pass: (ms) => void (nowNanos += BigInt(ms) * MS) };
}

void test("a bucket is full at first, and never fuller", () => {
  const { bucket, pass } = bucketAt(tokenBucketConfig(3, 1, 60_000));
  assert.equal(take(bucket), 3);
  pass(59_999);
  assert.equal(take(bucket), 0);
  pass(1);
  assert.equal(take(bucket), 1);
  pass(3_600_000);
  assert.equal(take(bucket), 3);
});

void test("tokens of a fill come one after the other", () => {
  const { bucket, pass } = bucketAt(tokenBucketConfig(100, 10, 1000));
  assert.equal(take(bucket), 100);
  pass(250);
  assert.equal(take(bucket), 2);
  pass(50);
  assert.equal(take(bucket), 1);
});

void test("a bucket of no tokens gives none", () => {
  const { bucket, pass } = bucketAt(tokenBucketConfig(0, 1, 50));
  pass(1000);
  assert.equal(take(bucket), 0);
});

void test("all that are built of one configuration take from the same bucket", () => {
  const config = tokenBucketConfig(4, 1, 60_000);
  const [one, other] = [bucketAt(config).bucket, bucketAt(structuredClone(config)).bucket];
  assert.equal(one.tryTake() && other.tryTake(), true);
  assert.equal(take(one) + take(other), 2);
});
