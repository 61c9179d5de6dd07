import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameScanner } from "./frame-scanner.ts";

const BODY = Buffer.from("\0\0\0\0\x03abc\x01\0\0\0\0\0\0\0\x01\x02" + "x".repeat(0x102), "latin1");

void test("frames are counted when they begin, in whatever pieces they come", () => {
  for (const size of [1, 2, 3, 5, 7, 100, BODY.length]) {
    const scanner = new FrameScanner();
    for (let i = 0; i < BODY.length; i += size) scanner.scan(BODY.subarray(i, i + size));
    assert.equal(scanner.frames, 3, `pieces of ${size}`);
  }
});

void test("the boundary is behind the last message that is complete", () => {
  const scanner = new FrameScanner();
  scanner.scan(BODY.subarray(0, 7));
  assert.deepEqual([scanner.frames, scanner.boundary], [1, -1]);
  scanner.scan(BODY.subarray(7, 15));
  assert.deepEqual([scanner.frames, scanner.boundary], [3, 6]);
  scanner.scan(BODY.subarray(15));
  assert.equal(scanner.boundary, BODY.length - 15);
});

void test("it stops at a frame with the flag", () => {
  const scanner = new FrameScanner();
  assert.equal(scanner.scan(BODY, 2), -1);
  const ended = Buffer.from("\0\0\0\0\x01a\x03\0\0\0\x02{}", "latin1");
  assert.equal(new FrameScanner().scan(ended, 2), 6);
});
