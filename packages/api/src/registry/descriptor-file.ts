import { readFileSync } from "node:fs";

/** The committed, gzip'd FileDescriptorSet. A bundle replaces this module, for it knows where its copy lies. */
export function readDescriptorFile(): Uint8Array {
  return readFileSync(new URL("../../descriptors/envoy.binpb.gz", import.meta.url));
}
