import assert from "node:assert/strict";
import { test } from "node:test";
import type { DiffCase } from "../../diff/case.ts";
import type { Difference } from "../../diff/compare.ts";
import { kindOf, shrinkCases } from "./shrink.ts";

const DIFFERENCE: Difference = { at: "client1.response3.line", left: "200", right: "404" };
const CASE: DiffCase = {
  name: "random/1.001",
  hcm: { via: "v", normalize_path: true, server_name: "s" },
  upstream: [{ status: 201 }, { status: 202 }],
  steps: [
    { request: "GET /a" },
    { request: "GET /bcd?x", headers: ["X-A: a", "X-B: long"] },
    { request: "GET /e" },
  ],
};

/** Differs as long as paths are normalised and a request to `/b` has a header `X-B` with an `n`. */
function judge(cases: readonly DiffCase[]): Promise<Difference[][]> {
  return Promise.resolve(
    cases.map(({ hcm, steps }) => {
      const at = steps.findIndex(
        ({ request, headers }) =>
          request!.startsWith("GET /b") && headers?.some((line) => /^X-B:.*n/.test(line)) === true,
      );
      if (at < 0 || hcm?.["normalize_path"] !== true) return [];
      return [{ ...DIFFERENCE, at: `client1.response${at + 1}.line` }];
    }),
  );
}

test("a case is shrunk to its cause", async () => {
  const [shrunk] = await shrinkCases(
    [{ diffCase: CASE, differences: [DIFFERENCE] }],
    judge,
    Infinity,
  );
  const { name: _, ...fields } = shrunk!.diffCase;
  assert.deepEqual(fields, {
    hcm: { normalize_path: true },
    steps: [{ request: "GET /b", headers: ["X-B:n"] }],
  });
  assert.deepEqual(
    [shrunk!.confirmed, shrunk!.minimal, shrunk!.differences[0]!.at],
    [true, true, "client1.response1.line"],
  );
});

test("what does not differ again is not confirmed", async () => {
  const [shrunk] = await shrinkCases(
    [{ diffCase: { ...CASE, steps: [] }, differences: [DIFFERENCE] }],
    judge,
    Infinity,
  );
  assert.equal(shrunk!.confirmed, false);
});

test("shrinking ends when its time is over", async () => {
  const [shrunk] = await shrinkCases([{ diffCase: CASE, differences: [DIFFERENCE] }], judge, 0);
  assert.deepEqual(
    [shrunk!.confirmed, shrunk!.minimal, shrunk!.diffCase.steps.length],
    [true, false, 3],
  );
});

test("another difference is not taken for the same", () => {
  const kind = kindOf(DIFFERENCE);
  assert.equal(kindOf({ ...DIFFERENCE, at: "client12.response1.line" }), kind);
  assert.notEqual(kindOf({ ...DIFFERENCE, at: "client1.response1.body" }), kind);
  const line = (left: string): Difference => ({ at: "a", left, right: null });
  assert.notEqual(kindOf(line("HTTP/1.1 200 OK")), kindOf(line("HTTP/1.1 404 Not Found")));
});
