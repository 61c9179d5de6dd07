import { chmodSync, unlinkSync } from "node:fs";
import { pipePath } from "../../transport/connect.ts";
import { newIpcPipe, type NativeIpcPipe } from "../../transport/native-ipc.ts";
import { libc } from "../../transport/native-libc.ts";
import {
  newPipeConnect,
  newPipeServer,
  type NativeHandle,
  type NativePipe,
} from "../../transport/native.ts";

/** Connections that wait to be accepted. */
const BACKLOG = 16;
const ECONNREFUSED = -111;
const EADDRINUSE = -98;

/** Envoy's default of `--socket-path`, with our name: both may run on a host under the same base id. */
export const DEFAULT_SOCKET_PATH = "@nuncio_domain_socket";

/** Where the process that serves under this base id is to be found. */
export function controlSocketName(socketPath: string, baseId: number): string {
  return `${socketPath}_${baseId}`;
}

/** The listening side: of the process that serves. */
export class ControlSocket {
  readonly #server: NativePipe;

  private constructor(server: NativePipe) {
    this.#server = server;
  }

  /**
   * Listens; a negative errno when that is not possible, EADDRINUSE when another process serves under this base id.
   * `onPeer` gets those who have the user of this process, or are root: who may hand sockets over may read all traffic.
   */
  static async listen(
    name: string,
    mode: number,
    onPeer: (pipe: NativeIpcPipe) => void,
  ): Promise<ControlSocket | number> {
    const server = newPipeServer();
    let status = server.bind(pipePath(name));
    if (status === EADDRINUSE && (await isStale(name))) {
      unlinkSync(name);
      status = server.bind(pipePath(name));
    }
    if (status === 0) status = server.listen(BACKLOG);
    if (status !== 0) {
      server.close();
      return status;
    }
    if (!name.startsWith("@")) chmodSync(name, mode);
    server.onconnection = (error, client): void => {
      if (error !== 0 || client === undefined) return;
      const pipe = trusted(client) ? asIpc(client) : null;
      client.close();
      if (pipe !== null) onPeer(pipe);
    };
    server.unref();
    return new ControlSocket(server);
  }

  /** Another process may listen under the name from now on. */
  close(): void {
    this.#server.close();
  }
}

/** Connects to the process that serves; a negative errno when there is none, or it belongs to another user. */
export function connectControlSocket(name: string): Promise<NativeIpcPipe | number> {
  const pipe = newIpcPipe();
  return new Promise((resolve) => {
    const request = newPipeConnect();
    request.oncomplete = (status): void => {
      if (status === 0 && trusted(pipe)) {
        resolve(pipe);
        return;
      }
      pipe.close();
      resolve(status === 0 ? ECONNREFUSED : status);
    };
    const status = pipe.connect(request, pipePath(name)) ?? 0;
    if (status === 0) return;
    pipe.close();
    resolve(status);
  });
}

/** A path that nobody listens at, which a process left behind that was killed. */
async function isStale(name: string): Promise<boolean> {
  if (name.startsWith("@")) return false;
  const peer = await connectControlSocket(name);
  if (typeof peer !== "number") peer.close();
  return peer === ECONNREFUSED;
}

function trusted(socket: { readonly fd: number }): boolean {
  const peer = libc()?.peerCredentials(socket.fd);
  const me = process.geteuid?.();
  return peer !== undefined && peer !== null && (peer.uid === me || peer.uid === 0);
}

/** What a server accepts cannot carry descriptors, so the connection gets a second handle, which can. */
function asIpc(client: NativeHandle): NativeIpcPipe | null {
  const fd = libc()?.duplicate(client.fd);
  if (fd === undefined) return null;
  const pipe = newIpcPipe();
  if (pipe.open(fd) === 0) return pipe;
  pipe.close();
  return null;
}
