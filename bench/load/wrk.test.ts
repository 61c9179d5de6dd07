import assert from "node:assert/strict";
import { test } from "node:test";
import { readWrk } from "./wrk.ts";

const load = { responseBytes: 100 };
const line = (over: object): string =>
  `noise\nbench ${JSON.stringify({ requests: 10, micros: 2e6, bytes: 2000, status: 0, connect: 0, read: 0, write: 0, timeout: 0, ...over })}\n`;

test("reads wrk's sums", () => {
  assert.deepEqual(readWrk(0, line({}), load), { requests: 10, seconds: 2 });
});

test("errors are never counted as requests", () => {
  assert.throws(() => readWrk(0, line({ status: 3 }), load), /status 3/);
  assert.throws(() => readWrk(0, line({ timeout: 1, read: 2 }), load), /read 2, timeout 1/);
  assert.throws(
    () => readWrk(0, line({ bytes: 500 }), load),
    /expected 100 bytes or more a response, seen 50/,
  );
  assert.throws(() => readWrk(0, line({ requests: 0, bytes: 0 }), load), /no response/);
  assert.throws(() => readWrk(1, "unable to connect", load), /unable to connect/);
});
