import assert from "node:assert/strict";
import net from "node:net";
import { test, type TestContext } from "node:test";
import { connect, listen, type Pair, type ServerRig } from "../testing/connection-rig.ts";
import { turns, turnsUntil } from "../testing/turns.ts";
import type { IoLoop } from "./io-loop.ts";

/** A connection of many streams; `taken` is what went to the kernel so far. */
async function gathering(t: TestContext): Promise<Pair & { readonly taken: () => number }> {
  const pair = await connect(t, "raw");
  await pair.accepted;
  const { connection } = pair.server;
  connection.gathersOutput = true;
  return { ...pair, taken: () => connection.bytesTaken };
}

/** So many connections on one loop. */
async function several(t: TestContext, count: number): Promise<ServerRig> {
  const rig = listen(t, null);
  for (let i = 0; i < count; i++) {
    const client = net.connect(rig.port, "127.0.0.1").on("error", () => {});
    t.after(() => client.destroy());
  }
  await turnsUntil(() => rig.servers.length === count);
  t.after(() => {
    for (const { connection } of rig.servers) connection.close();
  });
  return rig;
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

test("what is written outside of a callback is not lost behind a connection that gathers", async (t) => {
  const { servers, transport } = await several(t, 2);
  const [many, one] = servers.map(({ connection }) => connection);
  many!.gathersOutput = true;
  event(transport.loop, 5, () => many!.writeLatin1("gathered"));
  one!.writeLatin1("outside");
  await turns(1);
  assert.deepEqual([many!.bytesTaken, one!.bytesTaken], [8, 7]);
});

test("a flush that throws ends its connection, and the others are flushed", async (t) => {
  const { servers, transport, exceptions } = await several(t, 3);
  const [first, second, third] = servers;
  second!.onClose = (): void => {
    throw new Error("filter");
  };
  event(transport.loop, 5, () => {
    for (const { connection } of servers) connection.writeLatin1("x");
    second!.connection.closeAfterFlush(0);
  });
  assert.deepEqual(exceptions.map(String), ["Error: filter"]);
  assert.equal(second!.connection.closed, true);
  assert.deepEqual([first!.connection.bytesTaken, third!.connection.bytesTaken], [1, 1]);
});
