import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { activatedSockets } from "./socket-activation.ts";

const folder = mkdtempSync(join(tmpdir(), "nuncio-activation-"));
after(() => rmSync(folder, { recursive: true }));

const MODULE = fileURLToPath(new URL("socket-activation.ts", import.meta.url));
const PRINT = `
  import { activatedSockets } from ${JSON.stringify(MODULE)};
  const sockets = activatedSockets(process.env);
  const left = Object.keys(process.env).filter((name) => name.startsWith("LISTEN_"));
  process.stdout.write(JSON.stringify({ sockets, left }));`;

/** What a process finds that was given these sockets, and these variables by a shell, whose number it keeps. */
function activated(handles: readonly net.Server[], variables: string): unknown {
  const fds = handles.map((server) => (Reflect.get(server, "_handle") as { fd: number }).fd);
  const script = `${variables} exec "$0" --input-type=module -e "$1"`;
  const { stdout, stderr } = spawnSync("/bin/sh", ["-c", script, process.execPath, PRINT], {
    stdio: ["ignore", "pipe", "pipe", ...fds],
    encoding: "utf8",
  });
  assert.notEqual(stdout, "", stderr);
  return JSON.parse(stdout);
}

async function listen(options: net.ListenOptions): Promise<net.Server> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(options, resolve));
  return server;
}

void test("finds the sockets that the service manager opened, by their addresses", async () => {
  const tcp = await listen({ host: "127.0.0.1", port: 0 });
  const tcp6 = await listen({ host: "::1", port: 0 });
  const path = join(folder, "a socket");
  const pipe = await listen({ path });
  const [port, port6] = [tcp, tcp6].map((server) => (server.address() as net.AddressInfo).port);
  assert.deepEqual(
    activated([tcp, tcp6, pipe], "LISTEN_PID=$$ LISTEN_FDS=3 LISTEN_FDNAMES=a:b:c"),
    {
      sockets: [
        { key: `127.0.0.1:${port}`, fd: 3 },
        { key: `[::1]:${port6}`, fd: 4 },
        { key: `[::1]:${port6} with IPv4`, fd: 4 },
        { key: path, fd: 5 },
      ],
      left: [],
    },
  );
  for (const server of [tcp, tcp6, pipe]) server.close();
});

void test("leaves alone what is meant for another process, or is no listening socket", async () => {
  const tcp = await listen({ host: "127.0.0.1", port: 0 });
  assert.deepEqual(activated([tcp], "LISTEN_PID=1 LISTEN_FDS=1"), { sockets: [], left: [] });
  assert.deepEqual(activated([tcp], "LISTEN_FDS=1"), { sockets: [], left: [] });
  assert.deepEqual(activated([tcp], "LISTEN_PID=$$ LISTEN_FDS=x"), { sockets: [], left: [] });
  const found = activated([tcp], "LISTEN_PID=$$ LISTEN_FDS=3") as { sockets: object[] };
  assert.equal(found.sockets.length, 1);
  tcp.close();
});

void test("an ordinary environment has none", () => {
  assert.deepEqual(activatedSockets({}), []);
});
