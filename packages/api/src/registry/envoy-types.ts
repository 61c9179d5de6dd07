import { gunzipSync } from "node:zlib";
import { readDescriptorFile } from "./descriptor-file.ts";
import { TypeRegistry } from "./type-registry.ts";

let registry: TypeRegistry | undefined;

/** The registry of Envoy's and xDS's messages, made at the first call and shared from then on. */
export function envoyTypes(): TypeRegistry {
  registry ??= new TypeRegistry(gunzipSync(readDescriptorFile()));
  return registry;
}
