import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, beforeEach, describe, it } from "node:test";
import { LogLevel } from "../../observe/log/level.ts";
import { log } from "../../observe/log/log.ts";
import { FakeAdmin } from "./testing/fake-admin.ts";

const directory = mkdtempSync(join(tmpdir(), "admin-"));
after(() => rmSync(directory, { recursive: true }));

let admin: FakeAdmin;
beforeEach(async () => {
  admin = await FakeAdmin.start();
});
afterEach(() => admin.close());

describe("admin methods and paths", () => {
  it("has Envoy's headers", async () => {
    const { headers } = await admin.get("/ready");
    assert.deepEqual(
      Object.keys(headers).filter((name) => name !== "connection"),
      [
        "content-type",
        "cache-control",
        "x-content-type-options",
        "date",
        "server",
        "transfer-encoding",
      ],
    );
    assert.equal(headers["content-type"], "text/plain; charset=UTF-8");
    assert.equal(headers["cache-control"], "no-cache, max-age=0");
    assert.equal(headers["x-content-type-options"], "nosniff");
  });

  it("answers unknown paths with 404 and the list", async () => {
    for (const path of ["/nope", "/ready/", "//ready"]) {
      const { status, body } = await admin.get(path);
      assert.equal(status, 404, path);
      assert.match(body, /^invalid path\. admin commands are:\n {2}\/: Admin home page\n/);
    }
  });

  it("takes POST only where something changes, and any method elsewhere", async () => {
    for (const path of [
      "/drain_listeners",
      "/healthcheck/fail",
      "/healthcheck/ok",
      "/logging",
      "/quitquitquit",
      "/reopen_logs",
      "/reset_counters",
      "/runtime_modify",
    ]) {
      const { status, body } = await admin.get(path);
      assert.deepEqual([status, body], [405, "Method GET not allowed, POST required."], path);
      assert.equal((await admin.send("PUT", path)).status, 405);
    }
    assert.deepEqual(admin.actions, []);
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
      assert.equal((await admin.send(method, "/ready")).body, "LIVE\n", method);
    }
    assert.deepEqual(
      [(await admin.send("HEAD", "/ready")).status, (await admin.send("HEAD", "/ready")).body],
      [200, ""],
    );
  });

  it("answers only the paths that are allowed", async () => {
    await admin.close();
    admin = await FakeAdmin.start({ allowsPath: (path) => path === "/ready" });
    assert.equal((await admin.get("/ready")).status, 200);
    const { status, body } = await admin.get("/ready?x");
    assert.deepEqual([status, body], [403, "request to path /ready?x not allowed"]);
  });

  it("lists every command with its parameters, on /help and as a page", async () => {
    const { body } = await admin.get("/help");
    assert.match(
      body,
      /\n {2}\/listeners: print listener info\n {6}format: File format to use; One of \(text, json\)\n/,
    );
    assert.match(body, /\n {2}\/quitquitquit \(POST\): exit the server\n/);
    const page = await admin.get("/");
    assert.equal(page.headers["content-type"], "text/html; charset=UTF-8");
    assert.match(page.body, /<a href="stats\/prometheus">/);
    assert.match(page.body, /<form action="quitquitquit" method="post">/);
  });

  it("answers 500 when a provider throws, and goes on", async () => {
    admin.store.onRead(() => {
      throw new Error("planted");
    });
    log.setLevel("admin", LogLevel.off);
    assert.deepEqual(
      [(await admin.get("/stats")).status, (await admin.get("/ready")).status],
      [500, 200],
    );
    log.setLevel("admin", LogLevel.info);
  });

  it("refuses a form that is too long", async () => {
    assert.equal((await admin.post("/runtime_modify", `a=${"x".repeat(99)}`)).status, 413);
    assert.deepEqual(admin.actions, []);
  });
});

describe("the admin listener", () => {
  it("writes its address to a file and refuses a port in use", async () => {
    const path = join(directory, "address.txt");
    await admin.close();
    admin = await FakeAdmin.start({}, path);
    assert.equal(readFileSync(path, "utf8"), admin.server.address);
    const port = Number(admin.server.address.split(":")[1]);
    const address = {
      protocol: "tcp",
      ip: "127.0.0.1",
      port,
      path: "",
      mode: 0,
      ipv4Compat: false,
    } as const;
    await assert.rejects(FakeAdmin.start({ address }), { code: "EADDRINUSE" });
  });

  it("listens on a pipe, also where a former process left one", async () => {
    await admin.close();
    const path = join(directory, "admin.sock");
    writeFileSync(path, "");
    admin = await FakeAdmin.start({
      address: { protocol: "tcp", ip: "", port: 0, path, mode: 0o600, ipv4Compat: false },
    });
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.equal(admin.server.address, path);
    assert.equal((await admin.get("/ready")).body, "LIVE\n");
  });
});
