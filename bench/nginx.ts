import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findCounterpart } from "../interop/harness/counterparts.ts";

/** The command that runs nginx out of a folder of its own, with this content of `http`. Throws when it is not installed. */
export function nginxCommand(folder: string, http: string): string[] {
  const nginx = findCounterpart("nginx");
  if (nginx === null) throw new Error("nginx is not installed; it is the backend of the benchmark");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "nginx.conf");
  writeFileSync(file, config(folder, http));
  return [nginx, "-p", folder, "-c", file, "-e", "stderr"];
}

function config(folder: string, http: string): string {
  // Started by root, nginx would drop to a user who may not enter the run's folder.
  const user = process.getuid?.() === 0 ? "user root;" : "";
  return `
daemon off;
${user}
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
${http}
}
`;
}
