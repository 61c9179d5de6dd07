import { mkdirSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { startProcess, type StartedProcess } from "../interop/harness/child-process.ts";
import { nginxCommand } from "./nginx.ts";
import { onLoadCore, type Places } from "./places.ts";

/** The small answer: 33 bytes. */
export const SMALL_BODY = "the quick brown fox jumps, twice\n";
/** What the other backend answers, which has no files. */
const OTHER_BODY = SMALL_BODY.toUpperCase();
const READY_WITHIN_MS = 10_000;

/** Starts nginx as the backend: `/` answers 33 bytes, `/64k` and `/1m` bodies of that size, any POST is read. Another one stands beside it. */
export async function startBackend(places: Places): Promise<StartedProcess> {
  const folder = join(places.folder, "backend");
  const files = join(folder, "files");
  mkdirSync(files, { recursive: true });
  writeFileSync(join(files, "64k"), "x".repeat(64 * 1024));
  writeFileSync(join(files, "1m"), "x".repeat(1024 * 1024));
  const backend = startProcess([...onLoadCore(), ...nginxCommand(folder, server(places, files))]);
  await untilListening(places.backendPort, backend);
  return backend;
}

/** Resolves when somebody accepts connections on the port; throws when the process ends before. */
export async function untilListening(port: number, owner: StartedProcess): Promise<void> {
  const deadline = performance.now() + READY_WITHIN_MS;
  while (performance.now() < deadline && !owner.hasExited()) {
    if (await accepts(port)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`nobody listens on port ${port}: ${owner.output().trim()}`);
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}

function server({ backendPort, otherBackendPort }: Places, files: string): string {
  return `
  open_file_cache max=16 inactive=3600s;
  open_file_cache_valid 3600s;
  sendfile on;
  tcp_nodelay on;
  server {
    listen 127.0.0.1:${backendPort} backlog=4096;
    root ${files};
    location / { return 200 "${quoted(SMALL_BODY)}"; }
    location /64k { }
    location /1m { }
  }
  server {
    listen 127.0.0.1:${otherBackendPort} backlog=4096;
    location / { return 200 "${quoted(OTHER_BODY)}"; }
  }`;
}

function quoted(body: string): string {
  return body.replace("\n", "\\n");
}
