import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { FakeAdmin } from "../testing/fake-admin.ts";

let admin: FakeAdmin;
beforeEach(async () => {
  admin = await FakeAdmin.start();
});
afterEach(() => admin.close());

describe("/logging", () => {
  const list = "active loggers:\n  http: info\n  upstream: warning\n\n";

  it("lists and changes levels", async () => {
    for (const query of [
      "",
      "?level=debug",
      "?paths=http:trace,upstream:off",
      "?http=warn",
      "?paths=&level=error",
    ]) {
      const { status, body } = await admin.post(`/logging${query}`);
      assert.deepEqual([status, body], [200, list], query);
    }
    assert.equal((await admin.post("/logging", "level=info")).status, 200);
    assert.deepEqual(admin.actions, [
      "level null 1",
      "level http 0",
      "level upstream 6",
      "level http 3",
      "level null 4",
      "level null 2",
    ]);
  });

  it("refuses what it does not know, and changes nothing then", async () => {
    for (const [query, error] of [
      ["level=bogus", "unknown logger level"],
      ["paths=upstream:debug,bogus:info", "unknown logger name"],
      ["paths=upstream", "empty logger name or empty logger level"],
      ["paths=upstream:fff", "unknown logger level"],
      ["nope=info", "unknown logger name"],
      ["http=info&upstream=info", "invalid number of parameters"],
      ["group=http:info", "group parameter requires fine-grain logging to be enabled"],
    ] as const) {
      const { status, body } = await admin.post(`/logging?${query}`);
      assert.equal(status, 400, query);
      assert.ok(body.startsWith(`error: ${error}\n\nusage: /logging?<name>=<level>`), body);
      assert.ok(
        body.endsWith(`levels: trace debug info warning error critical off \n${list}`),
        body,
      );
    }
    assert.deepEqual(admin.actions, []);
  });
});
