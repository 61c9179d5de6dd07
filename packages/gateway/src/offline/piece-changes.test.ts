import assert from "node:assert/strict";
import { test } from "node:test";
import { stringify } from "yaml";
import { testGateway, testRoute } from "../testing/test-objects.ts";
import { dataChanges } from "./data-changes.ts";
import { pieceChanges } from "./piece-changes.ts";
import { Translation } from "./translation.ts";

void test("data: tells the innermost fields that differ", () => {
  const before = { a: [1, { b: 2 }], c: { d: 1 }, e: [1], same: { x: [1] } };
  const after = { a: [1, { b: 3 }], c: {}, e: [1, 2], same: { x: [1] }, f: null };
  assert.deepEqual(dataChanges(before, after), [
    { path: "a[1].b", before: 2, after: 3 },
    { path: "c.d", before: 1, after: undefined },
    { path: "e", before: [1], after: [1, 2] },
    { path: "f", before: undefined, after: null },
  ]);
});

function translated(...rules: object[]): Translation {
  const gateway = testGateway([{ name: "http", protocol: "HTTP", port: 80 }]);
  const route = testRoute("a", ["http"]) as unknown as { spec: { rules: object[] } };
  route.spec.rules = rules;
  const content = [gateway, route].map((object) => stringify(object)).join("---\n");
  return new Translation([{ name: "a.yaml", content }]);
}

void test("routes: one by one, and their order with their virtual host", () => {
  const rule = (path: string): object => ({
    matches: [{ path: { value: path } }],
    filters: [{ type: "RequestRedirect", requestRedirect: { hostname: "b.example.com" } }],
  });
  const [one, other] = [translated(rule("/a"), rule("/b")), translated(rule("/a"), rule("/bb"))];
  const name = (index: number): string =>
    `infra/web/80/a.example.com httproute/infra/a/rule/${index}/match/0`;
  const changes = pieceChanges(one.pipeline, other.pipeline);
  assert.deepEqual(changes, [
    {
      type: "virtual host",
      name: "infra/web/80/a.example.com",
      change: "changed",
      fields: [
        { path: "routes[0]", before: name(0), after: name(1) },
        { path: "routes[1]", before: name(1), after: name(0) },
      ],
    },
    {
      type: "route",
      name: name(1),
      change: "changed",
      fields: [{ path: "match.path.value", before: "/b", after: "/bb" }],
    },
  ]);
});
