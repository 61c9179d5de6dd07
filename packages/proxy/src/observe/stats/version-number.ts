import { Hash64 } from "../../base/hash64.ts";
import { xxHash64 } from "../../base/xx-hash64.ts";

/** Envoy's number for a version of a configuration, the gauge `version`. A slot has 53 of its 64 bits. */
export function versionNumber(version: string): number {
  const hash = new Hash64();
  xxHash64(Buffer.from(version, "utf8").toString("latin1"), hash);
  return (hash.high >>> 0) * 2 ** 32 + (hash.low >>> 0);
}
