import { chmodSync, renameSync, statSync, unlinkSync } from "node:fs";
import { pipeAddress } from "../transport/address.ts";
import { pipePath } from "../transport/connect.ts";
import { errnoText } from "../transport/errno.ts";
import type { IoLoop } from "../transport/io-loop.ts";
import {
  TCP_IPV6ONLY,
  TCP_REUSEPORT,
  newPipeServer,
  newTcpServer,
  type NativeHandle,
  type NativePipe,
  type SocketName,
} from "../transport/native.ts";
import type { InheritedSockets } from "./inherited-sockets.ts";
import type { ListenAddress } from "./model.ts";
import { bindUdp } from "./udp/udp-server-socket.ts";

const EADDRINUSE = -98;

/** A bound socket, or why there is none. */
export type BindResult =
  | { readonly handle: NativeHandle; readonly port: number }
  | { readonly error: string };

/** Binds without listening. Main does so first, for a clear error and to learn the port that 0 stands for. */
function bindAddress(address: ListenAddress, reusePort: boolean): BindResult {
  if (address.path !== "") return bindPipe(address);
  const tcp = newTcpServer();
  const flags = reusePort ? TCP_REUSEPORT : 0;
  const v6 = address.ip.includes(":");
  const status = v6
    ? tcp.bind6(address.ip, address.port, flags | (address.ipv4Compat ? 0 : TCP_IPV6ONLY))
    : tcp.bind(address.ip, address.port, flags);
  if (status !== 0) return fail(tcp, status);
  const name: SocketName = {};
  const named = tcp.getsockname(name);
  // bind reports EADDRINUSE late: libuv keeps it until the socket is used.
  if (named !== 0) return fail(tcp, named);
  return { handle: tcp, port: name.port ?? address.port };
}

/**
 * A path is bound under another name that takes its place then: nobody finds it missing, and libuv, which removes the name it
 * bound when it closes, cannot remove what another process serves by then. A path stays when all are gone, as with Envoy.
 */
function bindPipe(address: ListenAddress): BindResult {
  const { path } = address;
  const pipe: NativePipe = newPipeServer();
  if (path.startsWith("@")) {
    const status = pipe.bind(pipePath(path));
    return status === 0 ? { handle: pipe, port: 0 } : fail(pipe, status);
  }
  const newPath = `${path}~`;
  removeStaleSocket(newPath);
  const status = mayReplace(path) ? pipe.bind(newPath) : EADDRINUSE;
  if (status !== 0) return fail(pipe, status);
  renameSync(newPath, path);
  return { handle: pipe, port: 0 };
}

/** Envoy replaces whatever is there; we only a socket. */
function mayReplace(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isSocket() !== false;
}

function removeStaleSocket(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isSocket() === true) unlinkSync(path);
}

function fail(handle: NativeHandle, status: number): BindResult {
  handle.close();
  return { error: errnoText(status) };
}

/** An accepting socket of one worker. */
export class ServerSocket {
  readonly address: ListenAddress;
  readonly text: string;
  /** As bound; 0 for a pipe. */
  port: number;
  /** One, but for a worker that got the sockets of several: each has a queue of its own. */
  #handles: readonly NativeHandle[] = [];
  #onAccept: (handle: NativeHandle) => void = () => {};
  #backlog = 0;
  #mode: number;

  constructor(address: ListenAddress) {
    this.address = address;
    this.port = address.port;
    this.#mode = address.mode;
    this.text =
      address.path !== "" ? pipeAddress(address.path).text : `${address.ip}:${address.port}`;
  }

  /** What it accepts on. */
  get fds(): readonly number[] {
    return this.#handles.map(({ fd }) => fd);
  }

  /**
   * Starts accepting, on sockets that were `inherited`, else on a new one; where another process accepts, later. Returns the
   * reason when it cannot.
   */
  listen(
    loop: IoLoop,
    backlog: number,
    reusePort: boolean,
    onAccept: (handle: NativeHandle) => void,
    inherited: InheritedSockets | null = null,
  ): string | null {
    this.#onAccept = onAccept;
    this.#backlog = backlog;
    this.#handles = inherited?.take(this.address) ?? [];
    if (this.#handles.length === 0) {
      const bound = bindAddress(this.address, reusePort);
      if ("error" in bound) return bound.error;
      this.port = bound.port;
      this.#handles = [bound.handle];
    }
    if (inherited?.holds(this.address) === true) inherited.whenReleased(() => this.#accept(loop));
    else {
      const status = this.#accept(loop);
      if (status !== 0) {
        this.close();
        return errnoText(status);
      }
    }
    this.#setMode();
    return null;
  }

  /** Returns the last error. */
  #accept(loop: IoLoop): number {
    let error = 0;
    for (const handle of this.#handles) {
      handle.onconnection = this.#onConnection(loop);
      error = handle.listen(this.#backlog) || error;
    }
    return error;
  }

  #onConnection(loop: IoLoop): NativeHandle["onconnection"] {
    return (status, client): void => {
      if (status !== 0 || client === undefined) return;
      loop.enter();
      try {
        this.#onAccept(client);
      } catch (error) {
        loop.onException(error);
        client.close();
      } finally {
        loop.leave();
      }
    };
  }

  /** From now on others get what is accepted; what waits in its queue is theirs, too. */
  handTo(onAccept: (handle: NativeHandle) => void, backlog: number, mode: number): void {
    this.#onAccept = onAccept;
    if (backlog !== this.#backlog) for (const handle of this.#handles) handle.listen(backlog);
    this.#backlog = backlog;
    if (mode === this.#mode) return;
    this.#mode = mode;
    this.#setMode();
  }

  /** Stops accepting; connections go on. */
  close(): void {
    for (const handle of this.#handles) handle.close();
    this.#handles = [];
  }

  #setMode(): void {
    const { path } = this.address;
    if (this.#mode > 0 && path !== "" && !path.startsWith("@")) chmodSync(path, this.#mode);
  }
}

/** Reserves what a worker is about to bind, and lets go when the worker has it. */
export interface Reservation {
  readonly port: number;
  release(): void;
}

/** Main's check of an address of TCP or UDP. A Unix socket is bound by its worker alone. */
export function reserve(
  address: ListenAddress,
  reusePort: boolean,
): Reservation | { readonly error: string } {
  const bound =
    address.protocol === "udp" ? bindUdp(address, reusePort) : bindAddress(address, reusePort);
  if ("error" in bound) return bound;
  const { handle, port } = bound;
  return { port, release: (): void => handle.close() };
}
