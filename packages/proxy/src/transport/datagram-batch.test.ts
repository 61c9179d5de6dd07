import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { turnsUntil } from "../testing/turns.ts";
import { datagramBatch } from "./datagram-batch.ts";
import { DatagramSender, keptDatagrams } from "./datagram-sender.ts";
import { newUdpSocket, type NativeUdp } from "./native-udp.ts";
import type { SocketName } from "./native.ts";
import { ReadWatch } from "./read-watch.ts";

const skip = datagramBatch() === null && "there is no recvmmsg here";

/** A socket of loopback that Node itself does not read. */
function bound(t: TestContext): { handle: NativeUdp; port: number } {
  const handle = newUdpSocket(null, () => assert.fail("Node reads"));
  t.after(() => handle.close());
  assert.equal(handle.bind("127.0.0.1", 0, 0), 0);
  const name: SocketName = {};
  handle.getsockname(name);
  return { handle, port: name.port! };
}

void test("datagrams are read together, with who sent them", { skip }, async (t) => {
  const { handle, port } = bound(t);
  const sender = bound(t);
  const output = new DatagramSender(sender.handle);
  for (let i = 0; i < 40; i++) output.sendTo(Buffer.from("x".repeat(i)), "127.0.0.1", port);
  const batch = datagramBatch()!;
  const lengths: number[] = [];
  const counts: number[] = [];
  const watch = ReadWatch.of(handle.fd, {
    onReadable: () => {
      const count = batch.read(handle.fd);
      counts.push(count);
      for (let i = 0; i < count; i++) {
        lengths.push(batch.datagram(i).length);
        assert.deepEqual(
          [batch.senders.ipOf(i), batch.senders.portOf(i)],
          ["127.0.0.1", sender.port],
        );
      }
    },
  })!;
  t.after(() => watch.close());
  assert.equal(watch.start(), 0);
  await turnsUntil(() => lengths.length === 40);
  assert.deepEqual(
    lengths,
    Array.from({ length: 40 }, (_, i) => i),
  );
  assert.equal(counts[0], 32);
  assert.equal(batch.read(handle.fd), 0);
  assert.equal(batch.failed, false);
});

void test(
  "a watch that is stopped is silent, and goes on where it is started",
  { skip },
  async (t) => {
    const { handle, port } = bound(t);
    const sender = bound(t);
    let calls = 0;
    const watch = ReadWatch.of(handle.fd, {
      onReadable: () => {
        calls++;
        watch.stop();
      },
    })!;
    t.after(() => watch.close());
    watch.start();
    new DatagramSender(sender.handle).sendTo(Buffer.from("a"), "127.0.0.1", port);
    await turnsUntil(() => calls === 1);
    // Nothing was read, so it is readable still.
    watch.start();
    await turnsUntil(() => calls === 2);
  },
);

void test("an error that the kernel was told of is told", { skip }, async (t) => {
  const closed = newUdpSocket(null, () => {});
  closed.bind("127.0.0.1", 0, 0);
  const name: SocketName = {};
  closed.getsockname(name);
  closed.close();
  const { handle } = bound(t);
  assert.equal(handle.connect("127.0.0.1", name.port!), 0);
  const batch = datagramBatch()!;
  let failed = 0;
  const watch = ReadWatch.of(handle.fd, {
    onReadable: () => {
      assert.equal(batch.read(handle.fd), 0);
      if (batch.failed) failed++;
    },
  })!;
  t.after(() => watch.close());
  watch.start();
  await turnsUntil(() => {
    // The port is free when the handle is closed, in a turn to come.
    if (failed === 0) new DatagramSender(handle).send(Buffer.from("x"));
    return failed > 0;
  });
});

void test("what the kernel does not take at once keeps its memory, and what waits behind it is copied", () => {
  const taken: Uint8Array[] = [];
  let queued = 1;
  const handle = {
    send: (_request: unknown, chunks: readonly Uint8Array[]) => {
      taken.push(chunks[0]!);
      return 0;
    },
    getSendQueueSize: () => queued,
  };
  const sender = new DatagramSender(handle as unknown as NativeUdp);
  const before = keptDatagrams.count;
  const data = Buffer.from("abc");
  for (let i = 0; i < 3; i++) sender.send(data);
  assert.deepEqual(
    taken.map((chunk) => chunk === data),
    [true, false, false],
  );
  assert.equal(keptDatagrams.count, before + 1);
  queued = 0;
  sender.send(data);
  assert.equal(taken[3], data);
  assert.equal(keptDatagrams.count, before + 2);
});

void test("what was kept stays as it is while others are read", { skip }, async (t) => {
  const { handle, port } = bound(t);
  const output = new DatagramSender(bound(t).handle);
  const batch = datagramBatch()!;
  let kept: Buffer | null = null;
  const texts: string[] = [];
  const watch = ReadWatch.of(handle.fd, {
    onReadable: () => {
      for (let i = batch.read(handle.fd) - 1; i >= 0; i--) texts.push(batch.datagram(i).toString());
      kept ??= batch.datagram(0);
    },
  })!;
  t.after(() => watch.close());
  watch.start();
  output.sendTo(Buffer.from("first"), "127.0.0.1", port);
  await turnsUntil(() => texts.length === 1);
  keptDatagrams.count++;
  output.sendTo(Buffer.from("other"), "127.0.0.1", port);
  await turnsUntil(() => texts.length === 2);
  assert.deepEqual([texts, String(kept)], [["first", "other"], "first"]);
});
