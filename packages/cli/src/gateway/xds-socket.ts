import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { XdsAddress } from "@nuncio/gateway";
import type { RunOptions } from "./flags.ts";

/** So long a path of a Unix socket may be everywhere (`sun_path` of macOS, with its end). */
const PATH_BYTES_MAX = 103;
const SHORT_FOLDER = "/tmp";

/** Where data planes are served, until it is closed. */
export interface XdsSocket {
  readonly address: XdsAddress;
  close(): void;
}

/**
 * Data planes are given private keys. A folder that nobody but this user may enter keeps others of the host from asking for them; a port of
 * the loopback interface does not.
 */
export function openXdsSocket({ xdsPort }: Pick<RunOptions, "xdsPort">): XdsSocket {
  if (xdsPort !== undefined)
    return { address: { host: "127.0.0.1", port: xdsPort }, close: () => {} };
  const folder = mkdtempSync(join(parentFolder(), "nuncio-xds-"));
  return {
    address: { path: join(folder, "socket") },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function parentFolder(): string {
  const usual = tmpdir();
  const bytes = Buffer.byteLength(join(usual, "nuncio-xds-123456", "socket"));
  return bytes <= PATH_BYTES_MAX ? usual : SHORT_FOLDER;
}
