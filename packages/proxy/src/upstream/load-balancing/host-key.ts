import { toByteString } from "../../observe/format/byte-string.ts";
import type { Host } from "../host.ts";

/** What of a host is looked at for its key. */
export type KeyedHost = Pick<Host, "address" | "hostname" | "metadata">;

/**
 * What stands for a host where it is hashed: `hash_key` of its metadata `envoy.lb` where that is a text, else its name
 * where names are asked for, else its address. A byte string.
 */
export function hostKey(host: KeyedHost, useHostname: boolean): string {
  const metadata = host.metadata?.["envoy.lb"] as { readonly hash_key?: unknown } | undefined;
  const key = metadata?.hash_key;
  if (typeof key === "string" && key !== "") return toByteString(key);
  return toByteString(useHostname ? host.hostname : host.address.text);
}
