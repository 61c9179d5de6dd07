import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { ProcessGuard, SHARED_MEMORY_LINK } from "./process-guard.ts";

/** A process that connects, and says so as long as it lives. */
const CONNECTED = `
  require("node:net").connect(Number(process.argv[1]), "127.0.0.1");
  process.on("SIGTERM", () => process.argv[2] === "deaf" || process.exit());`;

/** Guards processes that it starts, and never ends them. */
const PARENT = `
  import { spawn } from "node:child_process";
  const { ProcessGuard } = await import(process.argv[1]);
  const [port, ...kinds] = process.argv.slice(2);
  const guard = new ProcessGuard({ endWithinSeconds: 1, onError: console.error });
  guard.guardFolder(process.env.FOLDER);
  for (const kind of kinds) {
    const child = spawn(process.execPath, ["-e", process.env.CHILD, port, kind], { stdio: "ignore" });
    guard.add(child.pid);
  }
  setInterval(() => {}, 1000);`;

test("what a killed process was guarding ends with it, and its files go", async (t) => {
  const temporary = mkdtempSync(join(tmpdir(), "guard -"));
  t.after(() => rmSync(temporary, { recursive: true }));
  const [folder, memory] = [join(temporary, "its folder"), join(temporary, "memory")];
  mkdirSync(join(folder, "7"), { recursive: true });
  for (const file of [memory, join(temporary, "other")]) writeFileSync(file, "");
  symlinkSync(memory, join(folder, "7", SHARED_MEMORY_LINK));
  symlinkSync(join(temporary, "other"), join(folder, "7", "other"));
  const server = createServer().listen(0, "127.0.0.1");
  t.after(() => server.close());
  await once(server, "listening");
  const sockets: Socket[] = [];
  const allThere = new Promise<void>((resolve) => {
    server.on("connection", (socket) => {
      socket.on("error", () => {}).resume();
      if (sockets.push(socket) === 3) resolve();
    });
  });
  const module = new URL("process-guard.ts", import.meta.url).href;
  const { port } = server.address() as { port: number };
  const parent = spawn(
    process.execPath,
    ["--input-type=module", "-e", PARENT, module, String(port), "plain", "deaf", "plain"],
    {
      env: { ...process.env, CHILD: CONNECTED, FOLDER: folder },
      stdio: ["ignore", "ignore", "inherit"],
    },
  );
  t.after(() => parent.kill("SIGKILL"));
  await allThere;
  const closed = sockets.map((socket) => once(socket, "close"));
  parent.kill("SIGKILL");
  await Promise.all(closed);
  while (existsSync(folder)) await setImmediate();
  assert.deepEqual(readdirSync(temporary), ["other"]);
});

test("what was removed is left alone", async (t) => {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
  const other = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
  t.after(() => [child, other].map((one) => one.kill("SIGKILL")));
  const ended = once(other, "exit");
  const guard = new ProcessGuard({ endWithinSeconds: 5, onError: (why) => assert.fail(why) });
  guard.add(child.pid!);
  guard.add(other.pid!);
  guard.remove(child.pid!);
  guard.close();
  assert.deepEqual(await ended, [null, "SIGTERM"]);
  assert.equal(child.exitCode ?? child.signalCode, null);
});
