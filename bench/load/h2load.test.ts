import assert from "node:assert/strict";
import { test } from "node:test";
import { readH2load } from "./h2load.ts";

const output = (over: {
  done?: number;
  succeeded?: number;
  failed?: number;
  data?: number;
}): string => {
  const { done = 10, succeeded = 10, failed = 0, data = 1000 } = over;
  return `finished in 2.00s, 5.00 req/s, 1.00KB/s
requests: ${done} total, ${done} started, ${done} done, ${succeeded} succeeded, ${failed} failed, 0 errored, 0 timeout
status codes: ${succeeded} 2xx, 0 3xx, 0 4xx, 0 5xx
traffic: 9.77KB (10000) total, 1.00KB (1024) headers (space savings 90.00%), 1.00KB (${data}) data
`;
};

test("reads h2load's sums", () => {
  const load = { responseBytes: 100 };
  assert.deepEqual(readH2load(0, output({}), load, 2), { requests: 10, seconds: 2 });
});

test("what went wrong is never counted as a request", () => {
  const load = { responseBytes: 100 };
  assert.throws(() => readH2load(0, output({ failed: 1 }), load, 2), /1 failed/);
  assert.throws(() => readH2load(0, output({ succeeded: 9 }), load, 2), /9 succeeded/);
  assert.throws(
    () => readH2load(0, output({ data: 500 }), load, 2),
    /expected 100 bytes or more a response, seen 50/,
  );
  assert.throws(() => readH2load(0, output({ done: 0, succeeded: 0 }), load, 2), /no response/);
  assert.throws(() => readH2load(1, "could not connect", load, 2), /could not connect/);
});
