import assert from "node:assert/strict";
import { test } from "node:test";
import { StreamInfo } from "../../../observe/stream-info.ts";
import { DEFAULT_REQUEST_LIMITS } from "../request-limits.ts";
import { PrematureResets } from "./premature-resets.ts";

const LIMITS = {
  ...DEFAULT_REQUEST_LIMITS,
  prematureResetTotalStreamCount: 10,
  prematureResetMinStreamLifetimeSeconds: 2,
};

/** A stream of so many milliseconds; without a status it had no response. */
function stream(ms: number, responseCode = 0): StreamInfo {
  const info = new StreamInfo();
  info.endMs = info.startMs + ms;
  info.responseCode = responseCode;
  return info;
}

/** How many streams of that sort end the connection; Infinity when 100 do not. */
function streamsUntilEnd(resets: PrematureResets, next: (index: number) => StreamInfo): number {
  for (let i = 0; i < 100; i++) if (resets.onStreamEnd(next(i))) return i + 1;
  return Infinity;
}

void test("half of the first streams is enough, and nothing later could change that", () => {
  const resets = new PrematureResets(LIMITS);
  assert.equal(
    streamsUntilEnd(resets, () => stream(0)),
    5,
  );
});

void test("half of all streams is enough at any time", () => {
  const every = (n: number): number =>
    streamsUntilEnd(new PrematureResets(LIMITS), (i) => stream(0, i % n === 0 ? 0 : 200));
  assert.equal(every(2), 9);
  assert.equal(every(3), Infinity);
});

void test("behind a response, or after some whole seconds, a stream was not given up early", () => {
  const ends = (info: StreamInfo): boolean =>
    streamsUntilEnd(new PrematureResets(LIMITS), () => info) < Infinity;
  assert.equal(ends(stream(0, 200)), false);
  assert.equal(ends(stream(2999)), true);
  assert.equal(ends(stream(3000)), false);
});
