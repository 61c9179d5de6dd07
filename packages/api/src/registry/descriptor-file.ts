import { readFileSync } from "node:fs";

/** The committed, gzip'd FileDescriptorSet; a bundle has a copy of it beside itself. */
export function readDescriptorFile(): Uint8Array {
  return readFileSync(new URL("../../descriptors/envoy.binpb.gz", import.meta.url));
}
