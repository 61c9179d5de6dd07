import type { ListenAddress } from "./model.ts";

/** Whether a socket of one address serves the other. */
export function isSameAddress(one: ListenAddress, other: ListenAddress): boolean {
  return (
    one.protocol === other.protocol &&
    one.ip === other.ip &&
    one.port === other.port &&
    one.path === other.path &&
    one.ipv4Compat === other.ipv4Compat
  );
}
