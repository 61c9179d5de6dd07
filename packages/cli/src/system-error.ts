/** What the codes of the operating system mean, in the words of the one line a user sees. */
const MEANINGS: { readonly [code: string]: string } = {
  EACCES: "permission denied",
  EADDRINUSE: "address already in use",
  EADDRNOTAVAIL: "address not available on this host",
  EEXIST: "is there already",
  EISDIR: "is a directory, expected a file",
  EMFILE: "too many open files in this process",
  ENOENT: "no such file or directory",
  ENOSPC: "no space left on the device",
  ENOTDIR: "a part of the path is not a directory",
  EPERM: "operation not permitted",
  EROFS: "read-only file system",
};

/**
 * One line for an error of the operating system: `listen 127.0.0.1:10000: address already in use`. Undefined for any
 * other error: that one is a defect of ours, and its stack is what helps.
 */
export function describeSystemError(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, path, syscall, address, port } = error as NodeJS.ErrnoException & {
    address?: string;
    port?: number;
  };
  const meaning = code === undefined ? undefined : MEANINGS[code];
  if (meaning === undefined) return undefined;
  const subject =
    path ??
    (address === undefined ? undefined : port === undefined ? address : `${address}:${port}`);
  return [[syscall, subject].filter((part) => part !== undefined).join(" "), meaning]
    .filter((part) => part !== "")
    .join(": ");
}
