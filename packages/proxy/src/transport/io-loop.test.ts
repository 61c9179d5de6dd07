import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { connect, type Pair } from "../testing/connection-rig.ts";
import { turns } from "../testing/turns.ts";
import type { IoLoop } from "./io-loop.ts";

/** A connection of many streams; `taken` is what went to the kernel so far. */
async function gathering(t: TestContext): Promise<Pair & { readonly taken: () => number }> {
  const pair = await connect(t, "raw");
  await pair.accepted;
  const { connection } = pair.server;
  connection.gathersOutput = true;
  return { ...pair, taken: () => connection.bytesTaken };
}

/** A callback of the event loop at `atMs` of the loop's time. */
function event(loop: IoLoop, atMs: number, what: () => void): void {
  loop.enter();
  loop.now = atMs;
  what();
  loop.leave();
}

test("what several events of a turn cause on a connection that gathers goes out in one write", async (t) => {
  const { server, transport, taken } = await gathering(t);
  for (const text of ["one", "two"]) {
    event(transport.loop, 5, () => server.connection.writeLatin1(text));
    assert.equal(taken(), 0);
  }
  await turns(1);
  assert.equal(taken(), 6);
});

test("the next turn gathers anew", async (t) => {
  const { server, transport, taken } = await gathering(t);
  for (const text of ["one", "two"]) {
    event(transport.loop, 5, () => server.connection.writeLatin1(text));
    await turns(1);
  }
  assert.equal(taken(), 6);
});

test("in a long turn gathered output waits a millisecond and no longer", async (t) => {
  const { server, transport, taken } = await gathering(t);
  event(transport.loop, 5, () => server.connection.writeLatin1("one"));
  assert.equal(taken(), 0);
  event(transport.loop, 6, () => {});
  assert.equal(taken(), 3);
});

test("a connection that closes behind its output does so at the end of the turn", async (t) => {
  const { server, transport } = await gathering(t);
  event(transport.loop, 5, () => {
    server.connection.writeLatin1("bye");
    server.connection.closeAfterFlush(0);
  });
  assert.equal(server.connection.closed, false);
  await turns(1);
  assert.equal(await server.closed, "local");
});
