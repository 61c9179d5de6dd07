import assert from "node:assert/strict";
import { closeSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test, type TestContext } from "node:test";
import { LogLevel } from "../../observe/log/level.ts";
import { log } from "../../observe/log/log.ts";
import { libc } from "../../transport/native-libc.ts";
import { ServiceManager } from "./service-manager.ts";

const folder = mkdtempSync(join(tmpdir(), "nuncio-notify-"));
after(() => rmSync(folder, { recursive: true }));

/** A datagram socket like systemd's: reads what has come. */
function notifySocket(t: TestContext, path: string): () => string[] {
  // Loaded by the door first, so that Node's warning is not printed.
  assert.ok(libc() !== null);
  const { dlopen } = createRequire(import.meta.url)("node:ffi") as typeof import("node:ffi");
  const { functions: c } = dlopen(null, {
    socket: { arguments: ["i32", "i32", "i32"], return: "i32" },
    bind: { arguments: ["i32", "buffer", "u32"], return: "i32" },
    recv: { arguments: ["i32", "buffer", "u64", "i32"], return: "i64" },
  });
  const fd = c.socket(1, 2, 0);
  const name = path.startsWith("@") ? `\0${path.slice(1)}` : path;
  const address = Buffer.concat([Buffer.from([1, 0]), Buffer.from(name)]);
  assert.equal(c.bind(fd, address, address.length), 0);
  t.after(() => closeSync(fd));
  return () => {
    const received: string[] = [];
    const buffer = Buffer.alloc(4096);
    const MSG_DONTWAIT = 0x40;
    for (;;) {
      const count = Number(c.recv(fd, buffer, 4096n, MSG_DONTWAIT));
      if (count < 0) return received;
      received.push(buffer.toString("utf8", 0, count));
    }
  };
}

for (const path of [join(folder, "notify"), `@nuncio_test_notify_${process.pid}`]) {
  void test(`the service manager hears how far the process is, at ${path[0] === "@" ? "an abstract name" : "a path"}`, (t) => {
    const received = notifySocket(t, path);
    const manager = new ServiceManager({ NOTIFY_SOCKET: path });
    manager.ready(0);
    manager.reloading();
    manager.ready(0);
    manager.handOver(4711);
    const [ready, reloading, again, handOver, ...rest] = received();
    const serves = `READY=1\nMAINPID=${process.pid}\nSTATUS=serving, restart epoch 0`;
    assert.deepEqual([ready, again, handOver, rest], [serves, serves, "MAINPID=4711", []]);
    assert.match(reloading!, /^RELOADING=1\nMONOTONIC_USEC=\d+\nSTATUS=hot restart$/);
    manager.stopping();
    assert.deepEqual(received(), ["STOPPING=1\nSTATUS=stopping"]);
  });
}

void test("the watchdog is fed by the process that it watches, while it serves", (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const path = join(folder, "watchdog");
  const received = notifySocket(t, path);
  const env = { NOTIFY_SOCKET: path, WATCHDOG_USEC: "1000000", WATCHDOG_PID: "77" };
  const manager = new ServiceManager(env, 77);
  t.mock.timers.tick(10_000);
  assert.deepEqual(received(), []);
  manager.ready(0);
  manager.ready(0);
  assert.equal(received().length, 2);
  t.mock.timers.tick(499);
  assert.deepEqual(received(), []);
  t.mock.timers.tick(1501);
  assert.deepEqual(received(), Array(4).fill("WATCHDOG=1"));
  manager.close();
  t.mock.timers.tick(10_000);
  assert.deepEqual(received(), []);
  const other = new ServiceManager(env, 78);
  other.ready(0);
  t.mock.timers.tick(10_000);
  assert.equal(received().length, 1, "it watches another process");
});

void test("without a service manager nobody hears anything, and one that is gone is no error", () => {
  new ServiceManager({}).ready(0);
  log.setLevel("main", LogLevel.off);
  new ServiceManager({ NOTIFY_SOCKET: join(folder, "nobody") }).ready(0);
  new ServiceManager({ NOTIFY_SOCKET: `/${"x".repeat(200)}` }).ready(0);
  log.setLevel("main", LogLevel.info);
});
