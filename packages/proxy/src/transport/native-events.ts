import {
  READ_BYTES_OR_ERROR,
  streamState,
  type NativeHandle,
  type ShutdownRequest,
  type WriteRequest,
} from "./native.ts";

/** What a handle tells the connection that it belongs to. */
export interface NativeEvents {
  /** `count`: bytes, or an error below 0. Returns the buffer of the next read when that changes. */
  onNativeRead(count: number): Uint8Array | undefined;
  onNativeWritten(request: WriteRequest, status: number): void;
  onNativeShutdown(): void;
}

/** Reads of the handle are told to its connection. */
export function tellReads(handle: NativeHandle): void {
  handle.onread = onRead;
}

/** The end of this write is told to its handle's connection. */
export function tellWritten(request: WriteRequest): void {
  request.oncomplete = onWritten;
}

/** The end of this shutdown is told to its connection. */
export function tellShutdown(request: ShutdownRequest): void {
  request.oncomplete = onShutdown;
}

function onRead(this: NativeHandle): Uint8Array | undefined {
  return (this.connection as NativeEvents).onNativeRead(streamState[READ_BYTES_OR_ERROR]!);
}

function onWritten(this: WriteRequest, status: number, ...[handle]: NativeHandle[]): void {
  (handle!.connection as NativeEvents).onNativeWritten(this, status);
}

function onShutdown(this: ShutdownRequest): void {
  (this.connection as NativeEvents).onNativeShutdown();
}
