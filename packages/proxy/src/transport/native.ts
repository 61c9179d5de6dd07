/**
 * The one door to Node's own socket handles. `net.Socket` costs a fifth of a small request in stream and event
 * machinery that a proxy does not use; the handles below it are what Node's own `net` stands on. Node's version is pinned
 * with the package, and native.test.ts holds every member that is used here against it.
 */

declare global {
  interface Buffer {
    /** Bytes as a string of char codes below 256; what `toString("latin1")` calls in the end. */
    latin1Slice(start: number, end: number): string;
  }
}

/** What a handle's calls tell beside their return value; indices below. Valid right after the call or callback. */
export const READ_BYTES_OR_ERROR = 0;
export const LAST_WRITE_WAS_ASYNC = 3;

/** `UV_EOF`: the peer sent FIN. */
export const EOF = -4095;

export interface WriteRequest {
  /** Called only when the write did not complete at once. */
  oncomplete: ((status: number) => void) | null;
  /** Keeps the memory of an asynchronous write alive. */
  retained: unknown;
}

export interface ShutdownRequest {
  oncomplete: ((status: number) => void) | null;
  /** The connection that sends FIN. */
  connection: unknown;
}

export interface ConnectRequest {
  oncomplete: ((status: number) => void) | null;
  address: string;
  port: number;
}

/** A socket of whatever kind, as one travels from a process to another. */
export interface NativeSocket {
  readonly fd: number;
  close(closed?: () => void): void;
}

/** A TCP or pipe handle. Calls return 0 or a negative errno, unless said otherwise. */
export interface NativeHandle extends NativeSocket {
  /** The connection this handle belongs to; read in the callbacks, which get `this` only. */
  connection: unknown;
  /** Gets `undefined` with a user buffer; a returned Uint8Array is the buffer of the next read. */
  onread: ((this: NativeHandle) => Uint8Array | undefined) | null;
  onconnection: ((status: number, client: NativeHandle | undefined) => void) | null;
  readonly writeQueueSize: number;
  readStart(): number;
  readStop(): number;
  useUserBuffer(buffer: Uint8Array): void;
  writeLatin1String(request: WriteRequest, text: string): number;
  writeBuffer(request: WriteRequest, data: Uint8Array): number;
  /** chunk, encoding, chunk, encoding …; the encoding of bytes is `buffer`. */
  writev(request: WriteRequest, chunks: unknown[], allBuffers: boolean): number;
  shutdown(request: ShutdownRequest): number;
  listen(backlog: number): number;
  open(fd: number): number;
  ref(): void;
  unref(): void;
}

export interface NativeTcp extends NativeHandle {
  bind(address: string, port: number, flags: number): number;
  bind6(address: string, port: number, flags: number): number;
  connect(request: ConnectRequest, address: string, port: number): number;
  connect6(request: ConnectRequest, address: string, port: number): number;
  setNoDelay(on: boolean): number;
  setKeepAlive(on: boolean, delaySeconds: number): number;
  /** Fills `address`, `family` and `port`. */
  getsockname(out: SocketName): number;
  getpeername(out: SocketName): number;
  /** Closes with RST. */
  reset(closed?: () => void): number;
}

export interface NativePipe extends NativeHandle {
  bind(path: string): number;
  connect(request: ConnectRequest, path: string): number;
}

export interface SocketName {
  address?: string;
  family?: string;
  port?: number;
}

interface StreamBinding {
  WriteWrap: new () => WriteRequest;
  ShutdownWrap: new () => ShutdownRequest;
  streamBaseState: Int32Array;
}

interface TcpBinding {
  TCP: new (type: number) => NativeTcp;
  TCPConnectWrap: new () => ConnectRequest;
  constants: { SOCKET: number; SERVER: number; UV_TCP_IPV6ONLY: number; UV_TCP_REUSEPORT: number };
}

interface PipeBinding {
  Pipe: new (type: number) => NativePipe;
  PipeConnectWrap: new () => ConnectRequest;
  constants: { SOCKET: number; SERVER: number };
}

const node = process as unknown as { binding(name: string): unknown };
const streams = node.binding("stream_wrap") as StreamBinding;
const tcp = node.binding("tcp_wrap") as TcpBinding;
const pipes = node.binding("pipe_wrap") as PipeBinding;

/** Results of the last call or callback of any handle of this thread. */
export const streamState: Int32Array = streams.streamBaseState;

export const TCP_IPV6ONLY: number = tcp.constants.UV_TCP_IPV6ONLY;
export const TCP_REUSEPORT: number = tcp.constants.UV_TCP_REUSEPORT;

/** For one write; a write that completes at once leaves it as it was, for the next. */
export function newWriteRequest(): WriteRequest {
  const request = new streams.WriteWrap();
  request.oncomplete = null;
  request.retained = null;
  return request;
}

/** For one FIN. */
export function newShutdownRequest(): ShutdownRequest {
  return new streams.ShutdownWrap();
}

/** To connect with. */
export function newTcpSocket(): NativeTcp {
  return new tcp.TCP(tcp.constants.SOCKET);
}

/** To listen with. */
export function newTcpServer(): NativeTcp {
  return new tcp.TCP(tcp.constants.SERVER);
}

/** For one attempt. */
export function newTcpConnect(): ConnectRequest {
  return new tcp.TCPConnectWrap();
}

/** To connect with. */
export function newPipeSocket(): NativePipe {
  return new pipes.Pipe(pipes.constants.SOCKET);
}

/** To listen with. */
export function newPipeServer(): NativePipe {
  return new pipes.Pipe(pipes.constants.SERVER);
}

/** For one attempt. */
export function newPipeConnect(): ConnectRequest {
  return new pipes.PipeConnectWrap();
}
