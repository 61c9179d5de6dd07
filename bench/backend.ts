import { mkdirSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { startProcess, type StartedProcess } from "../interop/harness/child-process.ts";
import { findCounterpart } from "../interop/harness/counterparts.ts";
import { onLoadCore, type Places } from "./places.ts";

/** The small answer: 33 bytes. */
export const SMALL_BODY = "the quick brown fox jumps, twice\n";
const READY_WITHIN_MS = 10_000;

/** Starts nginx as the backend: `/` answers 33 bytes, `/64k` and `/1m` bodies of that size, any POST is read. */
export async function startBackend(places: Places): Promise<StartedProcess> {
  const nginx = findCounterpart("nginx");
  if (nginx === null) throw new Error("nginx is not installed; it is the backend of the benchmark");
  const folder = join(places.folder, "backend");
  mkdirSync(join(folder, "files"), { recursive: true });
  writeFileSync(join(folder, "files", "64k"), "x".repeat(64 * 1024));
  writeFileSync(join(folder, "files", "1m"), "x".repeat(1024 * 1024));
  writeFileSync(join(folder, "nginx.conf"), backendConfig(places, folder));
  const backend = startProcess([
    ...onLoadCore(),
    nginx,
    "-p",
    folder,
    "-c",
    join(folder, "nginx.conf"),
    "-e",
    "stderr",
  ]);
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

/** Started by root, nginx would drop to a user who may not enter the run's folder. */
export function nginxUser(): string {
  return process.getuid?.() === 0 ? "user root;" : "";
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

function backendConfig(places: Places, folder: string): string {
  return `
daemon off;
${nginxUser()}
worker_processes 1;
error_log stderr error;
pid ${folder}/nginx.pid;
events { worker_connections 16384; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  keepalive_requests 1000000000;
  keepalive_timeout 3600s;
  client_max_body_size 16m;
  open_file_cache max=16 inactive=3600s;
  open_file_cache_valid 3600s;
  sendfile on;
  tcp_nodelay on;
  server {
    listen 127.0.0.1:${places.backendPort} backlog=4096;
    root ${folder}/files;
    location / { return 200 "${SMALL_BODY.replace("\n", "\\n")}"; }
    location /64k { }
    location /1m { }
  }
}
`;
}
