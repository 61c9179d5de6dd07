import { closeSync } from "node:fs";
import { createRequire } from "node:module";

/**
 * The door to the few calls of the C library that Node has no handle for: what hot restart, socket activation and
 * `sd_notify` need, on main alone, what counts lost datagrams, on workers once a second, and a descriptor for each socket of UDP. Linux on x64 and arm64; null elsewhere, and where
 * Node comes without `node:ffi`. The numbers below are those of Linux's headers.
 */
export interface Libc {
  /** Another descriptor of the same socket, closed on exec. @throws when there are no more descriptors */
  duplicate(fd: number): number;
  /** Programs that this process starts do not get it. */
  closeOnExec(fd: number): void;
  /** Who is at the other end of a connected Unix socket; null for another kind of socket. */
  peerCredentials(fd: number): PeerCredentials | null;
  /** Whether the descriptor is a socket that listens. */
  isListening(fd: number): boolean;
  /** Whether the descriptor is a socket of datagrams. */
  isDatagram(fd: number): boolean;
  /** How many datagrams the kernel has dropped because nobody read in time, since the socket is there. */
  droppedDatagrams(fd: number): number;
  /** Whether others may bind beside it. */
  sharesPort(fd: number): boolean;
  /**
   * Sends one datagram to a Unix socket; `@` starts an abstract name.
   * @throws when nobody takes it at once
   */
  sendDatagram(path: string, text: string): void;
  /** Memory that all threads of the process have freed goes back to the system, where the library is glibc. */
  releaseMemory(): void;
}

/** As the kernel noted them when the peer connected or listened. */
export interface PeerCredentials {
  readonly pid: number;
  readonly uid: number;
}

const AF_UNIX = 1;
const SOCK_DGRAM_CLOEXEC = 0o2000002;
const SOL_SOCKET = 1;
const SO_TYPE = 3;
const SOCK_DGRAM = 2;
const SO_REUSEPORT = 15;
const SO_PEERCRED = 17;
const SO_ACCEPTCONN = 30;
const SO_MEMINFO = 55;
/** `SK_MEMINFO_VARS` numbers of 4 bytes, and the place of `SK_MEMINFO_DROPS` among them. */
const MEMINFO_BYTES = 36;
const MEMINFO_DROPS_AT = 32;
const F_SETFD = 2;
const FD_CLOEXEC = 1;
const F_DUPFD_CLOEXEC = 1030;
const MSG_DONTWAIT_NOSIGNAL = 0x4040;
/** `sockaddr_un.sun_path`. */
const PATH_BYTES_MAX = 108;

let loaded: Libc | null | undefined;

/** Loaded with the first call. */
export function libc(): Libc | null {
  if (loaded === undefined) loaded = load();
  return loaded;
}

function load(): Libc | null {
  if (process.platform !== "linux") return null;
  const ffi = requireFfi();
  if (ffi === null) return null;
  const { functions: c } = ffi.dlopen(null, {
    fcntl: { arguments: ["i32", "i32", "i32"], return: "i32" },
    getsockopt: { arguments: ["i32", "i32", "i32", "buffer", "buffer"], return: "i32" },
    socket: { arguments: ["i32", "i32", "i32"], return: "i32" },
    sendto: { arguments: ["i32", "buffer", "u64", "i32", "buffer", "u32"], return: "i64" },
  });
  /** Null when the socket does not know the option. */
  const option = (fd: number, name: number, bytes: number): Buffer | null => {
    const value = Buffer.alloc(bytes);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(bytes);
    return c.getsockopt(fd, SOL_SOCKET, name, value, length) === 0 ? value : null;
  };
  return {
    duplicate: (fd) => {
      const copy = c.fcntl(fd, F_DUPFD_CLOEXEC, 0);
      if (copy < 0) throw new Error(`descriptor ${fd} cannot be duplicated`);
      return copy;
    },
    closeOnExec: (fd) => void c.fcntl(fd, F_SETFD, FD_CLOEXEC),
    peerCredentials: (fd) => {
      const value = option(fd, SO_PEERCRED, 12);
      return value && { pid: value.readInt32LE(0), uid: value.readUInt32LE(4) };
    },
    isListening: (fd) => option(fd, SO_ACCEPTCONN, 4)?.readInt32LE(0) === 1,
    isDatagram: (fd) => option(fd, SO_TYPE, 4)?.readInt32LE(0) === SOCK_DGRAM,
    droppedDatagrams: (fd) =>
      option(fd, SO_MEMINFO, MEMINFO_BYTES)?.readUInt32LE(MEMINFO_DROPS_AT) ?? 0,
    sharesPort: (fd) => option(fd, SO_REUSEPORT, 4)?.readInt32LE(0) === 1,
    sendDatagram: (path, text) => {
      const address = unixAddress(path);
      const data = Buffer.from(text);
      const fd = c.socket(AF_UNIX, SOCK_DGRAM_CLOEXEC, 0);
      if (fd < 0) throw new Error("no socket for a datagram");
      const sent = c.sendto(
        fd,
        data,
        BigInt(data.length),
        MSG_DONTWAIT_NOSIGNAL,
        address,
        address.length,
      );
      closeSync(fd);
      if (Number(sent) !== data.length) throw new Error(`nobody takes datagrams at ${path}`);
    },
    releaseMemory: releaseOf(ffi),
  };
}

/** Other C libraries do not have the call, and keep less. */
function releaseOf(ffi: typeof import("node:ffi")): () => void {
  try {
    const { functions: c } = ffi.dlopen(null, {
      malloc_trim: { arguments: ["u64"], return: "i32" },
    });
    return () => void c.malloc_trim(0n);
  } catch {
    return () => {};
  }
}

/** Null where there is none. Node calls it experimental and says so on stderr, which belongs to the log; the version is pinned with the package. */
export function requireFfi(): typeof import("node:ffi") | null {
  const emitWarning = process.emitWarning.bind(process);
  process.emitWarning = (): void => {};
  try {
    return createRequire(import.meta.url)("node:ffi") as typeof import("node:ffi");
  } catch {
    return null;
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** A path ends with a zero byte; an abstract name begins with one, and its length is where it ends. */
function unixAddress(path: string): Buffer {
  const name = Buffer.from(path.startsWith("@") ? `\0${path.slice(1)}` : `${path}\0`);
  if (name.length > PATH_BYTES_MAX)
    throw new Error(`${path}: expected at most ${PATH_BYTES_MAX - 1} bytes`);
  return Buffer.concat([Buffer.from([AF_UNIX, 0]), name]);
}
