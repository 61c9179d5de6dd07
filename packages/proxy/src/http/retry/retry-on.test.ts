import assert from "node:assert/strict";
import { test } from "node:test";
import {
  conditionNames,
  parseConditions,
  parseRetryOn,
  RETRY_CONDITIONS,
  RetryOn,
} from "./retry-on.ts";

void test("both lists may stand in a policy; what is not known is left out", () => {
  assert.equal(
    parseRetryOn("5xx, unavailable ,bogus,"),
    RetryOn.ServerError | RetryOn.GrpcUnavailable,
  );
  assert.equal(parseRetryOn(""), 0);
  assert.equal(parseRetryOn("5XX"), 0);
});

void test("a list knows its own conditions only", () => {
  assert.equal(parseConditions("unavailable,reset", RETRY_CONDITIONS), RetryOn.Reset);
});

void test("a set tells its names", () => {
  assert.deepEqual(conditionNames(parseRetryOn("unavailable,x,5xx")), ["5xx", "unavailable"]);
});
