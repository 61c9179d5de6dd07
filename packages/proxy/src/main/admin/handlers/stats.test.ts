import assert from "node:assert/strict";
import { request } from "node:http";
import { afterEach, beforeEach, describe, it } from "node:test";
import { defineStats } from "../../../observe/stats/definition.ts";
import { FakeAdmin } from "../testing/fake-admin.ts";

const TABLE = defineStats({ total: "counter", active: "gauge", time: "histogram" });

let admin: FakeAdmin;
beforeEach(async () => {
  admin = await FakeAdmin.start();
});
afterEach(() => admin.close());

describe("/stats", () => {
  beforeEach(() => {
    const scope = admin.store.scope("cluster.svc.", TABLE);
    admin.store.main.slots[scope.base + TABLE.at.total] = 3;
    admin.store.main.record(scope.histogramBase, 4);
    admin.store.flush();
  });

  it("prints text, JSON and Prometheus", async () => {
    assert.equal(
      (await admin.get("/stats?filter=^cluster&type=Counters")).body,
      "cluster.svc.total: 3\n",
    );
    assert.deepEqual(await admin.getJson("/stats?format=json&filter=svc.total"), {
      stats: [{ name: "cluster.svc.total", value: 3 }],
    });
    const expected =
      '# TYPE envoy_cluster_total counter\nenvoy_cluster_total{envoy_cluster_name="svc"} 3\n';
    for (const path of [
      "/stats/prometheus?",
      "/stats?format=prometheus&",
      "/stats/prometheus?type=Gauges&",
    ]) {
      assert.equal((await admin.get(`${path}filter=svc.total`)).body, expected);
    }
    assert.match(
      (await admin.get("/stats/prometheus?histogram_buckets=summary")).body,
      /cluster_time summary\n/,
    );
    assert.match(
      (await admin.get("/stats?histogram_buckets=disjoint&filter=svc.time")).body,
      /: B0\.5\(0,0\) B1\(0,0\) B5\(1,1\)/,
    );
  });

  it("turns the filter around, and leaves out what is unused", async () => {
    const names = (body: string): string[] =>
      body
        .trim()
        .split("\n")
        .map((line) => line.split(":")[0]!);
    const { body } = await admin.get("/stats?filter=^(listener|http)&invert_filter");
    assert.deepEqual(names(body), ["cluster.svc.active", "cluster.svc.total", "cluster.svc.time"]);
    const used = await admin.get("/stats?filter=svc&usedonly");
    assert.deepEqual(names(used.body), ["cluster.svc.total", "cluster.svc.time"]);
  });

  it("counts itself", async () => {
    await admin.get("/ready");
    await admin.get("/nope");
    const { body } = await admin.get(
      "/stats?filter=^http.admin.downstream_(rq_.xx|cx_total|rq_total)$",
    );
    assert.equal(
      body,
      `http.admin.downstream_cx_total: 3
http.admin.downstream_rq_1xx: 0
http.admin.downstream_rq_2xx: 2
http.admin.downstream_rq_3xx: 0
http.admin.downstream_rq_4xx: 1
http.admin.downstream_rq_5xx: 0
http.admin.downstream_rq_total: 3
`,
    );
    assert.match(
      (await admin.get("/stats?filter=^http1.response")).body,
      /^http1\.response_flood: 0\n$/,
    );
  });

  it("brings gauges up to date first", async () => {
    const scope = admin.store.scope("server.", TABLE);
    admin.store.onRead(() => (admin.store.main.slots[scope.base + TABLE.at.active] = 42));
    assert.equal((await admin.get("/stats?filter=^server.active")).body, "server.active: 42\n");
  });

  it("resets counters", async () => {
    assert.equal((await admin.post("/reset_counters")).body, "OK\n");
    assert.equal((await admin.get("/stats?filter=svc.total")).body, "cluster.svc.total: 0\n");
  });

  it("says what is wrong with a question", async () => {
    for (const [query, text] of [
      ["filter=(", "Invalid re2 regex: missing ): ("],
      ["filter=a**", "Invalid re2 regex: bad repetition operator: **"],
      ["type=bogus", "invalid &type= param"],
      ["format=bogus", "usage: /stats?format=(json|prometheus|text)\n\n"],
      [
        "histogram_buckets=bogus",
        "usage: /stats?histogram_buckets=(cumulative|disjoint|detailed|summary)\n\n",
      ],
      [
        "format=prometheus&histogram_buckets=detailed",
        "unsupported prometheus histogram bucket mode",
      ],
    ]) {
      const answer = await admin.get(`/stats?${query}`);
      assert.deepEqual([answer.status, answer.body], [400, text]);
    }
  });

  it("streams what a slow client takes, and stops when it goes away", async () => {
    for (let i = 0; i < 3000; i++) admin.store.scope(`cluster.c${i}.`, TABLE);
    const lines = (await admin.get("/stats?type=Counters&filter=^cluster")).body.split("\n");
    assert.equal(lines.length, 3001 + 1);
    await new Promise<void>((resolve) => {
      const sent = request({ ...admin.target, path: "/stats", agent: false }, (response) => {
        response.once("data", () => {
          response.destroy();
          resolve();
        });
      });
      sent.end();
    });
    assert.equal((await admin.get("/ready")).status, 200);
  });
});
