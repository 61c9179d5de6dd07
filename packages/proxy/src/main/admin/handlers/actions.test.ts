import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { FakeAdmin } from "../testing/fake-admin.ts";

let admin: FakeAdmin;
beforeEach(async () => {
  admin = await FakeAdmin.start();
});
afterEach(() => admin.close());

describe("admin state", () => {
  it("is ready when live", async () => {
    const answers: string[] = [];
    for (admin.state of ["PRE_INITIALIZING", "INITIALIZING", "LIVE", "DRAINING"] as const) {
      const { status, body } = await admin.get("/ready");
      answers.push(`${status} ${body}`);
    }
    assert.deepEqual(answers, [
      "503 PRE_INITIALIZING\n",
      "503 INITIALIZING\n",
      "200 LIVE\n",
      "503 DRAINING\n",
    ]);
  });

  it("tells about the server", async () => {
    const info = (await admin.getJson("/server_info")) as Record<string, unknown>;
    assert.equal(info["state"], "LIVE");
    assert.equal(info["uptime_current_epoch"], "7s");
    assert.equal(info["uptime_all_epochs"], "9s");
    assert.equal(info["hot_restart_version"], "nuncio.1");
    assert.deepEqual(info["command_line_options"], { concurrency: 2 });
    assert.deepEqual(info["node"], { id: "n1" });
    assert.equal((await admin.get("/hot_restart_version")).body, "nuncio.1");
    assert.deepEqual(await admin.getJson("/certs"), { certificates: [] });
    assert.deepEqual(await admin.getJson("/memory"), {
      allocated: "1",
      heap_size: "2",
      pageheap_unmapped: "0",
      pageheap_free: "0",
      total_thread_cache: "0",
      total_physical_bytes: "3",
    });
  });

  it("tells what start-up waits for", async () => {
    assert.deepEqual(await admin.getJson("/init_dump"), {});
    admin.state = "INITIALIZING";
    assert.deepEqual(await admin.getJson("/init_dump?mask=listener"), {
      unready_targets_dumps: [{ name: "listener init", target_names: ["target x"] }],
    });
    assert.deepEqual(await admin.getJson("/init_dump?mask=cluster"), {});
  });

  it("shows and changes runtime", async () => {
    assert.equal(
      (await admin.get("/runtime")).body,
      `${JSON.stringify(
        {
          layers: ["base", "admin"],
          entries: {
            "a.c": { final_value: "2", layer_values: ["1", "2"] },
            b: { final_value: "1", layer_values: ["1", ""] },
          },
        },
        null,
        1,
      )}\n`,
    );
    assert.equal((await admin.post("/runtime_modify")).status, 400);
    assert.equal((await admin.post("/runtime_modify?a.b=1&c=%20+")).body, "OK\n");
    assert.equal((await admin.post("/runtime_modify", "k=v&l=")).body, "OK\n");
    assert.equal((await admin.post("/runtime_modify?no_layer=1")).status, 503);
    assert.deepEqual(admin.actions.slice(0, 2), [
      'runtime [["a.b","1"],["c"," +"]]',
      'runtime [["k","v"],["l",""]]',
    ]);
  });

  it("does what it is told", async () => {
    for (const path of [
      "/healthcheck/fail",
      "/healthcheck/ok",
      "/drain_listeners",
      "/drain_listeners?graceful&skip_exit&inboundonly",
      "/reopen_logs",
      "/quitquitquit",
    ]) {
      const { status, body } = await admin.post(path);
      assert.deepEqual([status, body], [200, "OK\n"], path);
    }
    assert.deepEqual(admin.actions, [
      "failed true",
      "failed false",
      'drain {"graceful":false,"skipExit":false,"inboundOnly":false}',
      'drain {"graceful":true,"skipExit":true,"inboundOnly":true}',
      "reopen",
      "quit",
    ]);
  });
});
