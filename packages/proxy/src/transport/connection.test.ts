import assert from "node:assert/strict";
import { once } from "node:events";
import type net from "node:net";
import { test } from "node:test";
import { connect, leaf, type TransportKind } from "../testing/connection-rig.ts";
import { turns, turnsUntil } from "../testing/turns.ts";
import { newSecureContext, wrapTls } from "./native-tls.ts";
import { newTcpSocket, type NativeTcp, type SocketName } from "./native.ts";
import { ReadBuffers } from "./read-buffers.ts";

async function readAll(client: net.Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of client) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

const KINDS: readonly TransportKind[] = ["raw", "TLS 1.2", "TLS 1.3"];

test("a large buffer is given back once when its connection closes behind a read", async (t) => {
  const { client, server, transport } = await connect(t, "raw", (recorder) => {
    recorder.onBytes = (): void => {
      const { buffers } = recorder.connection.context;
      if (buffers.current !== null) recorder.connection.closeAfterFlush(0);
    };
  });
  client.on("error", () => {});
  client.write(Buffer.alloc(8 * 1024 * 1024));
  assert.equal(await server.closed, "local");
  await turns(2);
  const { buffers } = transport;
  assert.notEqual(buffers.takeBulk(), buffers.takeBulk());
});

test("a large buffer is given back once when its peer ends", async (t) => {
  let sawLarge = false;
  const { client, server, transport } = await connect(t, "raw", (recorder) => {
    recorder.onBytes = (): void => {
      sawLarge ||= recorder.connection.context.buffers.current !== null;
    };
  });
  client.end(Buffer.alloc(8 * 1024 * 1024));
  assert.equal(await server.closed, "remote");
  await turns(2);
  assert.ok(sawLarge);
  const { buffers } = transport;
  assert.notEqual(buffers.takeBulk(), buffers.takeBulk());
});

for (const kind of KINDS) {
  void test(`${kind}: text and bytes arrive in order, large ones too, and the close comes behind them`, async (t) => {
    const large = Buffer.alloc(3_000_000, "x");
    const { client } = await connect(t, kind, (server) => {
      server.onBytes = (): void => {
        server.connection.writeLatin1("head ");
        server.connection.writeBytes(Buffer.from("small "));
        server.connection.writeBytes(large);
        server.connection.writeLatin1(" tail");
        server.connection.closeAfterFlush(0);
      };
    });
    client.write("go");
    const got = await readAll(client);
    assert.equal(got.length, 5 + 6 + large.length + 5);
    assert.equal(got.subarray(0, 11).toString(), "head small ");
    assert.equal(got.subarray(-5).toString(), " tail");
  });

  void test(`${kind}: an echo of many megabytes is exact while the peer reads slowly`, async (t) => {
    const { client, server } = await connect(t, kind, (recorder) => {
      recorder.connection.halfCloseEnabled = true;
      recorder.onBytes = (data): void => recorder.connection.writeBytes(data);
      recorder.onAboveWriteBufferHighWatermark = (): void => recorder.connection.readDisable(true);
      recorder.onBelowWriteBufferLowWatermark = (): void => recorder.connection.readDisable(false);
      recorder.onEndStream = (): void => recorder.connection.closeAfterFlush(0);
    });
    const sent = Buffer.alloc(8 * 1024 * 1024);
    for (let i = 0; i < sent.length; i += 4) sent.writeUInt32LE(i, i);
    client.end(sent);
    let at = 0;
    for await (const chunk of client) {
      const piece = chunk as Buffer;
      assert.ok(
        piece.equals(sent.subarray(at, at + piece.length)),
        `differs in the ${piece.length} bytes at ${at}`,
      );
      at += piece.length;
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.equal(at, sent.length);
    assert.equal(await server.closed, "local");
  });

  void test(`${kind}: output above the high watermark is told, and told again when half of it is gone`, async (t) => {
    const { client, server } = await connect(t, kind, (recorder) => {
      recorder.connection.highWatermarkBytes = 100_000;
      recorder.onBytes = (): void => recorder.connection.writeBytes(Buffer.alloc(20_000_000));
    });
    client.pause();
    client.write("go");
    while (!server.events.includes("above")) await new Promise((resolve) => setImmediate(resolve));
    assert.ok(server.connection.unsentBytes > 100_000);
    client.resume();
    while (!server.events.includes("below")) await new Promise((resolve) => setImmediate(resolve));
    assert.ok(server.connection.unsentBytes <= 50_000);
    assert.deepEqual(server.events, ["above", "below"]);
  });

  void test(`${kind}: without half close FIN ends the connection, with it the other direction goes on`, async (t) => {
    const plain = await connect(t, kind);
    plain.client.end();
    assert.equal(await plain.server.closed, "remote");
    const half = await connect(t, kind, (server) => {
      server.connection.halfCloseEnabled = true;
      server.onEndStream = (): void => {
        server.connection.writeLatin1("bye");
        server.connection.closeAfterFlush(0);
      };
    });
    half.client.end("x");
    assert.equal((await readAll(half.client)).toString(), "bye");
  });

  void test(`${kind}: a lingering close keeps the reply readable while the peer still sends`, async (t) => {
    const { client, server } = await connect(t, kind, (recorder) => {
      recorder.onBytes = (): void => {
        recorder.connection.writeLatin1("refused");
        recorder.connection.closeAfterFlush(1000);
      };
    });
    client.write("a");
    const reply = readAll(client);
    for (let i = 0; i < 50; i++) client.write(Buffer.alloc(10_000));
    assert.equal((await reply).toString(), "refused");
    client.destroy();
    await server.closed;
    assert.equal(server.chunks.length, 1, "what came after the close is not delivered");
  });

  void test(`${kind}: a peer that never closes is dropped when the linger time is over`, async (t) => {
    const { client, server } = await connect(t, kind, (recorder) => {
      recorder.onBytes = (): void => {
        recorder.connection.writeLatin1("bye");
        recorder.connection.closeAfterFlush(20);
      };
    });
    client.on("error", () => {});
    client.write("a");
    assert.equal(await server.closed, "local");
  });

  void test(`${kind}: a reset is a close of its own sort, and close with reset sends one`, async (t) => {
    const one = await connect(t, kind);
    one.socket.resetAndDestroy();
    assert.equal(await one.server.closed, kind === "raw" ? "remote_reset" : "remote");
    const two = await connect(t, kind);
    const failed = once(two.client, "error");
    two.server.connection.close("local", true);
    const [error] = (await failed) as [NodeJS.ErrnoException];
    assert.equal(error.code, "ECONNRESET");
  });

  void test(`${kind}: an exception in a callback closes its connection and is told to the loop`, async (t) => {
    const { client, server, exceptions } = await connect(t, kind, (recorder) => {
      recorder.onBytes = (): void => {
        throw new Error("filter");
      };
    });
    client.on("error", () => {});
    client.write("x");
    assert.equal(await server.closed, "local");
    assert.equal((exceptions[0] as Error).message, "filter");
  });

  for (const bytes of [2_000, ReadBuffers.BULK_BYTES]) {
    for (const behind of [false, true]) {
      const which = `${bytes} bytes${behind ? " behind another one" : ""}`;
      void test(`${kind}: a write of ${which} that fails closes the connection and keeps nothing`, async (t) => {
        const { client, socket, server, transport, exceptions } = await connect(t, kind);
        client.on("error", () => {});
        const { connection } = server;
        const { buffers } = transport;
        const memory = buffers.takeBulk();
        buffers.release(memory);
        if (behind) {
          connection.writeLatin1("first");
          connection.flush();
        }
        socket.resetAndDestroy();
        transport.loop.enter();
        connection.writeBytes(Buffer.alloc(bytes));
        transport.loop.leave();
        // One that comes behind another one is given to OpenSSL in a turn of its own.
        if (!behind || kind === "raw") assert.equal(connection.closed, true);
        await turnsUntil(() => connection.closed);
        await turns(3);
        const reason = kind === "raw" ? "remote_reset" : "remote";
        assert.deepEqual([server.events, exceptions], [[reason], []]);
        assert.equal(buffers.takeBulk(), memory);
      });
    }
  }

  void test(`${kind}: memory of what waits to be written is given back when the connection closes`, async (t) => {
    const { client, server, transport, exceptions } = await connect(t, kind);
    client.pause();
    const { connection } = server;
    const data = Buffer.alloc(ReadBuffers.BULK_BYTES);
    for (let i = 0; i < 2 * ReadBuffers.BULK_MANY; i++) connection.writeBytes(data);
    assert.equal(transport.buffers.crowded, true);
    client.destroy();
    await server.closed;
    await turns(20);
    assert.equal(transport.buffers.crowded, false);
    assert.deepEqual(exceptions, []);
  });

  void test(`${kind}: reading can be stopped, nested, and resumed`, async (t) => {
    const { client, server } = await connect(t, kind, (recorder) => {
      recorder.onBytes = (): void => {
        recorder.connection.readDisable(true);
        recorder.connection.readDisable(true);
      };
    });
    client.write("one");
    await turnsUntil(() => server.chunks.length > 0);
    client.write("two");
    server.connection.readDisable(false);
    await turns(20);
    assert.equal(Buffer.concat(server.chunks).toString(), "one");
    server.onBytes = (): void => {};
    server.connection.readDisable(false);
    await turnsUntil(() => server.chunks.length > 1);
    assert.equal(Buffer.concat(server.chunks).toString(), "onetwo");
  });
}

void test("Node's handles have what native.ts relies on", async (t) => {
  const { server } = await connect(t, "raw");
  const handle = server.connection.handle as NativeTcp;
  for (const name of [
    "readStart",
    "readStop",
    "useUserBuffer",
    "writeLatin1String",
    "writeBuffer",
    "writev",
  ]) {
    assert.equal(typeof Reflect.get(handle, name), "function", name);
  }
  for (const name of [
    "shutdown",
    "close",
    "reset",
    "setNoDelay",
    "setKeepAlive",
    "getsockname",
    "getpeername",
  ]) {
    assert.equal(typeof Reflect.get(handle, name), "function", name);
  }
  assert.equal(typeof handle.writeQueueSize, "number");
  const name: SocketName = {};
  assert.equal(handle.getpeername(name), 0);
  assert.equal(name.address, "127.0.0.1");
});

void test("Node's TLS handles have what native-tls.ts relies on", async () => {
  const identity = await leaf();
  const context = newSecureContext({ cert: identity.chain, key: identity.key });
  const socket = newTcpSocket();
  for (const isServer of [true, false]) {
    const native = wrapTls(socket, context, isServer);
    for (const name of [
      "receive",
      "start",
      "destroySSL",
      "setVerifyMode",
      "setALPNProtocols",
      "setServername",
      "setSession",
      "getSession",
      "isSessionReused",
      "enableSessionCallbacks",
      "enableKeylogCallback",
      "setOCSPResponse",
      "verifyError",
      "hasPeerCertificate",
      "getPeerCertificate",
      "getALPNNegotiatedProtocol",
      "getProtocol",
      "getCipher",
      "getEphemeralKeyInfo",
      "readStart",
      "readStop",
      "useUserBuffer",
      "writeLatin1String",
      "writeBuffer",
      "writev",
      "shutdown",
    ]) {
      assert.equal(typeof Reflect.get(native, name), "function", name);
    }
    native.destroySSL();
  }
  socket.close();
});
