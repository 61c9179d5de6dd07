import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { FakeAdmin } from "../testing/fake-admin.ts";

const PATH = "/v3/discovery:client_status";

let admin: FakeAdmin;
beforeEach(async () => {
  admin = await FakeAdmin.start();
});
afterEach(() => admin.close());

describe("client status", () => {
  it("is told as CSDS has it, secrets left out", async () => {
    const { status, headers, body } = await admin.post(PATH);
    assert.equal(status, 200);
    assert.equal(headers["content-type"], "application/json");
    const { config } = JSON.parse(body) as { config: Record<string, unknown>[] };
    assert.deepEqual(config[0]!["node"], { id: "n1" });
    const resources = config[0]!["generic_xds_configs"] as Record<string, unknown>[];
    assert.deepEqual(
      resources.map(({ name, client_status }) => `${String(name)} ${String(client_status)}`),
      ["key ACKED"],
    );
    assert.match(body, /"private_key"/);
    assert.doesNotMatch(body, /not for everybody/);
    assert.match(body, /\[redacted\]/);
  });

  it("takes a request as JSON, and says what is wrong with it", async () => {
    const nobody = await admin.postJson(PATH, '{"node_matchers":[{"node_id":{"exact":"x"}}]}');
    assert.deepEqual(JSON.parse(nobody.body), {});
    const bare = await admin.postJson(PATH, '{"exclude_resource_contents":true}');
    assert.doesNotMatch(bare.body, /xds_config"/);
    const unknown = await admin.postJson(PATH, '{"node_matcher":[]}');
    assert.equal(unknown.status, 400);
    assert.match(unknown.body, /did you mean "node_matchers"/);
    const regex = await admin.postJson(
      PATH,
      '{"node_matchers":[{"node_id":{"safe_regex":{"regex":"n"}}}]}',
    );
    assert.deepEqual(
      [regex.status, regex.body],
      [400, "node_matchers: safe_regex: not supported\n"],
    );
  });

  it("is posted, and not longer than may be", async () => {
    assert.equal((await admin.get(PATH)).status, 405);
    assert.equal((await admin.postJson(PATH, `{${" ".repeat(200)}}`)).status, 413);
  });
});
