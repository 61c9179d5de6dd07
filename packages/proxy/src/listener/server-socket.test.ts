import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test, type TestContext } from "node:test";
import { testTransport } from "../testing/loop.ts";
import { libc } from "../transport/native-libc.ts";
import { InheritedSockets, socketKey } from "./inherited-sockets.ts";
import type { ListenAddress } from "./model.ts";
import { ServerSocket } from "./server-socket.ts";

const folder = mkdtempSync(join(tmpdir(), "nuncio-server-socket-"));
after(() => rmSync(folder, { recursive: true }));

function pipe(path: string, mode = 0): ListenAddress {
  return { protocol: "tcp", ip: "", port: 0, path, mode, ipv4Compat: false };
}

function tcp(ip: string, port = 0, ipv4Compat = false): ListenAddress {
  return { protocol: "tcp", ip, port, path: "", mode: 0, ipv4Compat };
}

interface Open {
  readonly socket: ServerSocket;
  accepted(): number;
}

/** Opens a socket that counts what it accepts. */
function open(t: TestContext, address: ListenAddress, inherited = new InheritedSockets()): Open {
  const { transport } = testTransport();
  const socket = new ServerSocket(address);
  let accepted = 0;
  const onAccept = (handle: { close(): void }): void => {
    accepted++;
    handle.close();
  };
  assert.equal(socket.listen(transport.loop, 16, false, onAccept, inherited), null);
  t.after(() => socket.close());
  return { socket, accepted: () => accepted };
}

/** Connects, and waits until whoever accepted has closed. */
async function connect(where: net.NetConnectOpts): Promise<void> {
  const client = net.connect(where);
  client.resume();
  await once(client, "close");
}

void test("a path belongs to who bound it last; closing the one before removes nothing", async (t) => {
  const path = join(folder, "taken");
  const before = open(t, pipe(path));
  await connect({ path });
  const next = open(t, pipe(path, 0o640));
  before.socket.close();
  await connect({ path });
  assert.deepEqual([before.accepted(), next.accepted()], [1, 1]);
  assert.equal(statSync(path).mode & 0o777, 0o640);
  next.socket.close();
  assert.equal(existsSync(path), true);
  assert.equal(existsSync(`${path}~`), false);
});

void test("a path that is no socket is left alone", () => {
  const path = join(folder, "file");
  writeFileSync(path, "precious");
  const { transport } = testTransport();
  const socket = new ServerSocket(pipe(path));
  assert.equal(
    socket.listen(transport.loop, 16, false, () => {}),
    "Address already in use",
  );
  assert.equal(existsSync(`${path}~`), false);
});

void test("what is inherited is taken instead of binding, all of it and once", async (t) => {
  const bound = open(t, tcp("127.0.0.1"));
  const address = tcp("127.0.0.1", bound.socket.port);
  const inherited = new InheritedSockets();
  const copies = [0, 1].map(() => libc()!.duplicate(bound.socket.fds[0]!));
  const key = socketKey(address);
  inherited.adopt(
    copies.map((fd) => ({ key, fd })),
    [key],
  );
  const { socket, accepted } = open(t, address, inherited);
  assert.deepEqual(socket.fds, copies);
  const where = { host: "127.0.0.1", port: address.port };
  await connect(where);
  assert.deepEqual([bound.accepted(), accepted()], [1, 0], "not before it is told");
  bound.socket.close();
  inherited.release();
  await connect(where);
  assert.equal(accepted(), 1);
  assert.deepEqual(inherited.take(address), []);
  socket.close();
  const { transport } = testTransport();
  const anew = new ServerSocket(address);
  assert.equal(
    anew.listen(transport.loop, 16, false, () => {}),
    null,
    "closed were all of them",
  );
  anew.close();
});

void test("what no listener takes is closed", (t) => {
  const { socket } = open(t, pipe(`@nuncio_test_server_socket_${process.pid}`));
  const fd = libc()!.duplicate(socket.fds[0]!);
  const inherited = new InheritedSockets();
  inherited.adopt([{ key: socketKey(socket.address), fd }], []);
  inherited.release();
  assert.equal(existsSync(`/proc/self/fd/${fd}`), false);
  assert.deepEqual(inherited.take(socket.address), []);
});

void test("two spellings of an address are one socket, with IPv4 and without are two", () => {
  const keys = ["::1", "0:0::1", "::"].map((ip) => socketKey(tcp(ip, 80)));
  assert.deepEqual(keys, ["[::1]:80", "[::1]:80", "[::]:80"]);
  assert.equal(socketKey(tcp("::", 80, true)), "[::]:80 with IPv4");
  assert.equal(socketKey(tcp("127.0.0.1", 80)), "127.0.0.1:80");
  assert.equal(socketKey(pipe("@name")), "@name");
});
