import { readFileSync, readlinkSync } from "node:fs";
import { socketKey, type InheritedSocket } from "../../listener/inherited-sockets.ts";
import { libc } from "../../transport/native-libc.ts";
import { newTcpServer, type SocketName } from "../../transport/native.ts";

/** The first descriptor that the service manager passes. */
const FIRST = 3;
/** More is no number of sockets of a service. */
const SOCKETS_MAX = 1024;

/**
 * The listening sockets that the service manager opened for this process: LISTEN_FDS of them from descriptor 3 on, when
 * LISTEN_PID says that they are meant for it. A socket of an IPv6 address is taken for a listener with and without
 * `ipv4_compat`. The variables are taken out of `env`, so that nothing that this process starts believes in them.
 * Source: sd_listen_fds(3).
 */
export function activatedSockets(
  env: NodeJS.ProcessEnv,
  pid: number = process.pid,
): readonly InheritedSocket[] {
  const mine = env["LISTEN_PID"] === String(pid);
  const count = Number(env["LISTEN_FDS"] ?? 0);
  for (const name of ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"]) delete env[name];
  const c = libc();
  if (!mine || c === null || !(count > 0 && count <= SOCKETS_MAX)) return [];
  const sockets: InheritedSocket[] = [];
  for (let fd = FIRST; fd < FIRST + count; fd++) {
    c.closeOnExec(fd);
    if (!c.isListening(fd)) continue;
    for (const key of keysOf(c.duplicate(fd), fd)) sockets.push({ key, fd });
  }
  return sockets;
}

/** `copy` is closed again: a handle that names a socket owns it. */
function keysOf(copy: number, fd: number): string[] {
  const handle = newTcpServer();
  const name: SocketName = {};
  const status = handle.open(copy) || handle.getsockname(name);
  handle.close();
  const { address = "", port = 0 } = name;
  if (status !== 0 || address === "") {
    const path = pathOf(fd);
    return path === null ? [] : [path];
  }
  const bound = { protocol: "tcp", ip: address, port, path: "", mode: 0 } as const;
  return [...new Set([false, true].map((ipv4Compat) => socketKey({ ...bound, ipv4Compat })))];
}

/** Node does not name Unix sockets, the kernel's table does: its last columns are inode and path. */
function pathOf(fd: number): string | null {
  const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[1];
  for (const line of readFileSync("/proc/net/unix", "utf8").split("\n")) {
    const [, , , , , , found, ...path] = line.split(" ").filter((word) => word !== "");
    if (found === inode && path.length > 0) return path.join(" ");
  }
  return null;
}
