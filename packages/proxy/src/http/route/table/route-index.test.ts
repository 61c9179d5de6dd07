import assert from "node:assert/strict";
import { test } from "node:test";
import { StreamInfo } from "../../../observe/stream-info.ts";
import { Runtime } from "../../../runtime/snapshot.ts";
import type { RouteConfig } from "../model.ts";
import { request } from "../testing/route-table.ts";
import { Conditions } from "./conditions.ts";
import { RouteIndex } from "./route-index.ts";

// That the index finds the right route is what random-tables.test.ts says.

const INFO = new StreamInfo();

void test("a request asks a handful of routes out of ten thousand", () => {
  const routes: RouteConfig[] = Array.from({ length: 10_000 }, (_, i) => ({
    match: {
      path: { kind: i % 2 === 0 ? "prefix" : "exact", value: `/service/${i}/` },
      grpc: true,
    },
    action: { kind: "direct_response", status: 200, body: "" },
  }));
  const asked: number[] = [];
  const conditions = new (class extends Conditions {
    override hold(index: number): boolean {
      asked.push(index);
      return true;
    }
  })(routes, new Runtime());
  const index = new RouteIndex(routes, conditions);
  assert.equal(index.find("/service/9998/a", request("/"), INFO, 0), 9998);
  assert.equal(index.find("/service/9999/", request("/"), INFO, 0), 9999);
  assert.equal(index.find("/service/10000/", request("/"), INFO, 0), -1);
  assert.deepEqual(asked, [9998, 9999]);
});
