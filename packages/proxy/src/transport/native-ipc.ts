import { streamState, type NativePipe, type NativeSocket, type WriteRequest } from "./native.ts";

/** The door to Node's pipes that carry handles beside bytes (SCM_RIGHTS), for the same reasons as native.ts. */
export interface NativeIpcPipe extends Omit<NativePipe, "onread"> {
  /** Undefined with an error or the end. */
  onread: ((this: NativeIpcPipe, data: ArrayBuffer | undefined) => void) | null;
  /** The handle that came with this read; whoever takes it sets null. */
  pendingHandle: NativeSocket | null | undefined;
  /** `handle` travels with the first byte, and stays open here. */
  writeUtf8String(request: WriteRequest, text: string, handle?: NativeSocket): number;
}

interface IpcBinding {
  Pipe: new (type: number) => NativeIpcPipe;
  constants: { IPC: number };
}

const node = process as unknown as { binding(name: string): unknown };
const pipes = node.binding("pipe_wrap") as IpcBinding;

const ARRAY_BUFFER_OFFSET = 1;

/** Not connected yet: `connect`, or `open` of a connected descriptor. */
export function newIpcPipe(): NativeIpcPipe {
  return new pipes.Pipe(pipes.constants.IPC);
}

/** The bytes that a read brought; null at the end, and for an error. */
export function bytesRead(data: ArrayBuffer | undefined): Buffer | null {
  const count = streamState[0]!;
  if (count < 0 || data === undefined) return null;
  return Buffer.from(data, streamState[ARRAY_BUFFER_OFFSET], count);
}
