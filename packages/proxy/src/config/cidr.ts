import { isIP } from "node:net";
import type { CidrRange } from "@nuncio/api/types/envoy/config/core/v3/address_pb";
import type { CidrConfig } from "../base/cidr.ts";
import type { CompileContext } from "./context.ts";

/** CIDR ranges as plain data; a malformed one is a problem. */
export function compileCidrRanges(ranges: readonly CidrRange[], ctx: CompileContext): CidrConfig[] {
  return ranges.flatMap((range) => {
    const family = isIP(range.addressPrefix);
    const bits = range.prefixLen ?? 0;
    if (family === 0) {
      ctx.problems.error(range, "address_prefix", `malformed IP address: ${range.addressPrefix}`);
      return [];
    }
    return [{ ip: range.addressPrefix, bits: Math.min(bits, family === 4 ? 32 : 128) }];
  });
}
