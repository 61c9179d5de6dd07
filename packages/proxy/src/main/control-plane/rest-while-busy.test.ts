import assert from "node:assert/strict";
import { test } from "node:test";
import { restWhileBusy } from "./rest-while-busy.ts";

test("control planes are left unread for a while when workers are busy, and only then", () => {
  let nowMs = 0;
  let utilization = 0;
  let asked = 0;
  const restMs = restWhileBusy(
    {
      utilization: () => {
        asked += 1;
        return utilization;
      },
    },
    () => nowMs,
  );
  assert.equal(restMs(), 0);

  utilization = 1;
  nowMs += 1;
  assert.equal(restMs(), 0, "a millisecond says nothing yet");
  assert.equal(asked, 1);

  nowMs += 9;
  assert.equal(restMs(), 50);
  assert.equal(asked, 2);

  utilization = 0.5;
  nowMs += 50;
  assert.equal(restMs(), 0);
});
