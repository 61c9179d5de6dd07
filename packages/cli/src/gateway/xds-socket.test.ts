import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { openXdsSocket } from "./xds-socket.ts";

function pathOf(address: object): string {
  assert.ok("path" in address && typeof address.path === "string");
  return address.path;
}

void test("a socket is where nobody but its user can go, and goes with its folder", () => {
  const socket = openXdsSocket({ xdsPort: undefined });
  const folder = dirname(pathOf(socket.address));
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  socket.close();
  assert.equal(existsSync(folder), false);
});

void test("a folder for temporary files whose path is too long for a socket is not taken", (t) => {
  const long = mkdtempSync(join(tmpdir(), `nuncio-${"x".repeat(90)}`));
  const before = process.env["TMPDIR"];
  process.env["TMPDIR"] = long;
  t.after(() => {
    if (before === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = before;
    rmSync(long, { recursive: true });
  });
  const socket = openXdsSocket({ xdsPort: undefined });
  t.after(() => socket.close());
  assert.match(pathOf(socket.address), /^\/tmp\/nuncio-xds-/);
});

void test("a port that is asked for is one of the loopback interface", () => {
  assert.deepEqual(openXdsSocket({ xdsPort: 7 }).address, { host: "127.0.0.1", port: 7 });
});
