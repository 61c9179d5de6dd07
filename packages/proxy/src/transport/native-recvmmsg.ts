import { requireFfi } from "./native-libc.ts";

/** What reads many datagrams by one system call, on workers. The numbers are those of Linux's headers. */
export interface NativeRecvmmsg {
  /** So many messages were read into `headers`; below 0 nothing was, and `errno` says why. Does not wait. */
  receive(fd: number, headers: Buffer, count: number): number;
  /** Of this thread's last call. */
  readonly errno: Int32Array;
  /** Where the memory of a buffer is. */
  addressOf(buffer: Buffer): bigint;
}

const MSG_DONTWAIT = 0x40;
const NO_TIMEOUT = 0n;
const INT_BYTES = 4;
/** Of glibc and musl. */
const ERRNO_LOCATION = "__errno_location";

/** Null where there is no such call: elsewhere than on Linux, and where Node comes without `node:ffi`. */
export function loadRecvmmsg(): NativeRecvmmsg | null {
  if (process.platform !== "linux") return null;
  const ffi = requireFfi();
  if (ffi === null) return null;
  const { functions: c } = ffi.dlopen(null, {
    recvmmsg: { arguments: ["i32", "buffer", "u32", "i32", "pointer"], return: "i32" },
    [ERRNO_LOCATION]: { arguments: [], return: "pointer" },
  });
  return {
    receive: (fd, headers, count) => c.recvmmsg(fd, headers, count, MSG_DONTWAIT, NO_TIMEOUT),
    errno: new Int32Array(ffi.toArrayBuffer(c[ERRNO_LOCATION](), INT_BYTES, false)),
    addressOf: (buffer) => ffi.getRawPointer(buffer),
  };
}
