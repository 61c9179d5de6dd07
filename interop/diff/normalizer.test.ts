import assert from "node:assert/strict";
import { test } from "node:test";
import { Normalizer } from "./normalizer.ts";

test("names addresses, dates and generated ids, and leaves what the client sent", () => {
  const sent = "x-request-id: 11111111-2222-4333-8444-555555555555";
  const normalizer = new Normalizer(
    new Map([
      ["127.0.0.1:2000", "<a>"],
      ["2000", "<port>"],
    ]),
    sent,
  );
  assert.equal(normalizer.apply("127.0.0.1:2000 :2000"), "<a> :<port>");
  assert.equal(normalizer.apply("window 200016, 12000, <2000>"), "window 200016, 12000, <<port>>");
  assert.equal(normalizer.apply("Sat, 21 Nov 2026 10:00:00 GMT"), "<date>");
  assert.equal(normalizer.apply("Sat 21 Nov"), "Sat 21 Nov");
  assert.equal(normalizer.apply("a1b2c3d4-0000-4000-8000-00000000000f"), "<uuid 4>");
  assert.equal(normalizer.apply("a1b2c3d4-0000-4000-8000-000002000000"), "<uuid 4>");
  assert.equal(
    normalizer.apply("11111111-2222-4333-8444-555555555555"),
    "11111111-2222-4333-8444-555555555555",
  );
});
