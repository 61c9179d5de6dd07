import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { ControlSocket, connectControlSocket, controlSocketName } from "./control-socket.ts";

const EADDRINUSE = -98;
const folder = mkdtempSync(join(tmpdir(), "nuncio-control-"));
after(() => rmSync(folder, { recursive: true }));

async function listen(name: string, onPeer: () => void = () => {}): Promise<ControlSocket> {
  const control = await ControlSocket.listen(name, 0o640, (pipe) => {
    pipe.close();
    onPeer();
  });
  assert.ok(control instanceof ControlSocket);
  return control;
}

for (const path of [`@nuncio_test_${randomUUID()}`, join(folder, "control")]) {
  void test(`one process has a base id, at ${path.startsWith("@") ? "an abstract name" : "a path"}`, async () => {
    const name = controlSocketName(path, 12);
    assert.equal(name, `${path}_12`);
    const control = await listen(name);
    assert.equal(await ControlSocket.listen(name, 0o600, () => {}), EADDRINUSE);
    control.close();
    (await listen(name)).close();
  });
}

void test("a path has the permissions asked for, and goes with its process", async () => {
  const path = join(folder, "mode");
  const control = await listen(path);
  assert.equal(statSync(path).mode & 0o777, 0o640);
  control.close();
  assert.equal(existsSync(path), false);
});

void test("a path that a killed process left is taken", async () => {
  const path = join(folder, "stale");
  const leave = `require("node:net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
  spawnSync(process.execPath, ["-e", leave]);
  assert.equal(existsSync(path), true);
  (await listen(path)).close();
});

void test("another user is neither served nor believed", async (t) => {
  if (process.getuid?.() !== 0) {
    t.skip("needs root, to become somebody else");
    return;
  }
  const name = `@nuncio_test_${randomUUID()}`;
  let peers = 0;
  const control = await listen(name, () => peers++);
  t.after(() => control.close());
  const connect = `
    import { connectControlSocket } from ${JSON.stringify(fileURLToPath(new URL("control-socket.ts", import.meta.url)))};
    process.setuid(65534);
    const peer = await connectControlSocket(${JSON.stringify(name)});
    process.stdout.write(typeof peer === "number" ? String(peer) : "connected");
    process.exit();`;
  const { stdout } = await run(connect);
  // Root is believed by everybody, and believes root and itself alone.
  assert.equal(stdout, "connected");
  const own = await connectControlSocket(name);
  assert.ok(typeof own !== "number");
  while (peers === 0) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(peers, 1);
  own.close();
});

function run(code: string): Promise<{ readonly stdout: string }> {
  return new Promise((resolve, reject) => {
    import("node:child_process")
      .then(({ execFile }) =>
        execFile(
          process.execPath,
          ["--input-type=module", "-e", code],
          { cwd: "/" },
          (error, stdout) => (error === null ? resolve({ stdout }) : reject(error)),
        ),
      )
      .catch(reject);
  });
}
