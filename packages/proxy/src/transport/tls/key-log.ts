import { openSync, writeSync } from "node:fs";
import { cidrContains, type CidrConfig } from "../../base/cidr.ts";
import { ipAddress, localAddressOf, remoteAddressOf } from "../address.ts";
import type { NativeTls } from "../native-tls.ts";
import type { NativeHandle } from "../native.ts";
import type { KeyLogConfig } from "./model.ts";

const NOWHERE = ipAddress("", 0);

/** Makes the file, or opens it to append; only its owner can read what is made. Throws when it cannot. */
export function openKeyLog(path: string): number {
  return openSync(path, "a", 0o600);
}

/** Writes the secrets of connections in the NSS format, for somebody who debugs with a recording of the network. */
export class KeyLog {
  readonly #config: KeyLogConfig;
  readonly #fd: number;

  /** Throws when the file cannot be opened. */
  constructor(config: KeyLogConfig) {
    this.#config = config;
    this.#fd = openKeyLog(config.path);
  }

  /** Logs what is below `native`, when its addresses fit. */
  attach(native: NativeTls, socket: NativeHandle): void {
    const { localAddressRanges, remoteAddressRanges } = this.#config;
    if (!isIn(localAddressRanges, localAddressOf(socket, NOWHERE).ip)) return;
    if (!isIn(remoteAddressRanges, remoteAddressOf(socket, NOWHERE).ip)) return;
    native.onkeylog = (line): void => void writeSync(this.#fd, line);
    native.enableKeylogCallback();
  }
}

function isIn(ranges: readonly CidrConfig[], ip: string): boolean {
  return ranges.length === 0 || ranges.some((range) => cidrContains(range, ip));
}
