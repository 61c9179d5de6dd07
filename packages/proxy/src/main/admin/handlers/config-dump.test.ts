import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { FakeAdmin } from "../testing/fake-admin.ts";

let admin: FakeAdmin;
beforeEach(async () => {
  admin = await FakeAdmin.start();
});
afterEach(() => admin.close());

describe("/config_dump", () => {
  const types = (dump: unknown): string[] =>
    ((dump as { configs: { "@type": string }[] }).configs ?? []).map((one) =>
      one["@type"].replace("type.googleapis.com/envoy.admin.v3.", ""),
    );

  it("has every dump, and endpoints on demand", async () => {
    assert.deepEqual(types(await admin.getJson("/config_dump")), [
      "BootstrapConfigDump",
      "ClustersConfigDump",
      "ListenersConfigDump",
    ]);
    assert.equal(types(await admin.getJson("/config_dump?include_eds"))[2], "EndpointsConfigDump");
  });

  it("prints as Envoy does, indented by one", async () => {
    const { body } = await admin.get("/config_dump?mask=bootstrap.node.id");
    assert.equal(
      body,
      `{
 "configs": [
  {
   "@type": "type.googleapis.com/envoy.admin.v3.BootstrapConfigDump",
   "bootstrap": {
    "node": {
     "id": "n1"
    }
   }
  }
 ]
}
`,
    );
  });

  it("picks a resource, a mask and a name", async () => {
    const type = "type.googleapis.com/envoy.admin.v3.ClustersConfigDump.StaticCluster";
    const cluster = "type.googleapis.com/envoy.config.cluster.v3.Cluster";
    assert.deepEqual(
      await admin.getJson("/config_dump?resource=static_clusters&mask=cluster.name"),
      {
        configs: ["a", "b"].map((name) => ({ "@type": type, cluster: { "@type": cluster, name } })),
      },
    );
    assert.deepEqual(
      await admin.getJson("/config_dump?resource=static_clusters&name_regex=b.*&mask=last_updated"),
      {
        configs: [{ "@type": type, last_updated: "2026-01-02T03:04:05Z" }],
      },
    );
    const named = (await admin.getJson("/config_dump?name_regex=b")) as {
      configs: { static_clusters?: { cluster: { name: string } }[] }[];
    };
    assert.deepEqual(
      named.configs[1]!.static_clusters!.map((one) => one.cluster.name),
      ["b"],
    );
    assert.deepEqual(await admin.getJson("/config_dump?resource=dynamic_listeners"), {});
  });

  it("says what is wrong with a question", async () => {
    for (const [query, status, text] of [
      ["resource=bogus", 404, "bogus not found in config dump"],
      [
        "resource=bootstrap",
        400,
        "bootstrap is not a repeated field. Use ?mask=bootstrap to get only this field",
      ],
      ["mask=bogus", 400, "FieldMask bogus could not be successfully applied to any configs."],
      ["resource=static_clusters&mask=foo", 400, "FieldMask foo could not be successfully used."],
      [
        "name_regex=(",
        400,
        "INVALID_ARGUMENT: Error while parsing name_regex from (: missing ): (",
      ],
    ] as const) {
      const answer = await admin.get(`/config_dump?${query}`);
      assert.deepEqual([answer.status, answer.body], [status, text]);
      assert.equal(answer.headers["content-type"], "text/plain");
    }
  });
});
