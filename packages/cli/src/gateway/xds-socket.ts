import { rmSync } from "node:fs";
import { join } from "node:path";
import { makeSocketFolder, type XdsAddress } from "@nuncio/gateway";
import type { RunOptions } from "./flags.ts";

const NAME = "socket";

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
  const folder = makeSocketFolder("nuncio-xds-", NAME);
  return {
    address: { path: join(folder, NAME) },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}
