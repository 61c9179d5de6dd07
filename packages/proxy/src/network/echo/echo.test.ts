import assert from "node:assert/strict";
import { test } from "node:test";
import { filter, readBytes, readToEnd, startTcpRig } from "../../testing/tcp-rig.ts";
import { turnsUntil } from "../../testing/turns.ts";

const ECHO = `[${filter("echo.v3.Echo", "")}]`;

void test("what comes goes back, and the end is answered with the end", async (t) => {
  const { connect, proxy } = await startTcpRig(t, ECHO);
  const client = await connect();
  client.write("hello");
  assert.equal((await readBytes(client, 5)).toString(), "hello");
  client.end("bye");
  assert.deepEqual(await readToEnd(client), { data: Buffer.from("bye"), reset: false });
  assert.deepEqual(proxy.exceptions, []);
});

void test(
  "a peer that does not read its echo is not read either, and loses nothing",
  { timeout: 60_000 },
  async (t) => {
    const { connect } = await startTcpRig(t, ECHO);
    const client = await connect();
    const size = 64 * 1024 * 1024;
    const sent = Buffer.alloc(size, "0123456789abcdef");
    client.write(sent);
    client.end();
    // Everybody stands still when kernels and the proxy's buffers are full.
    let before = -1;
    let quiet = 0;
    await turnsUntil(() => {
      quiet = client.bytesWritten - client.writableLength === before ? quiet + 1 : 0;
      before = client.bytesWritten - client.writableLength;
      return quiet > 200;
    });
    assert.ok(client.writableLength > 0, "everything was taken although nobody read");
    const { data } = await readToEnd(client);
    assert.ok(data.equals(sent));
  },
);
