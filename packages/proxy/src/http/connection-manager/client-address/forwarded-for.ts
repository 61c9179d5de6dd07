import { isIP, SocketAddress } from "node:net";
import type { Address } from "../../../observe/stream-info.ts";
import { ipAddress } from "../../../transport/address.ts";

/** The `nth` address from the right of an x-forwarded-for value; null when there is none or it is no address. */
export function nthFromRight(list: string, nth: number): Address | null {
  let end = list.length;
  for (let i = 1; ; i++) {
    const comma = list.lastIndexOf(",", end - 1);
    if (i === nth) return addressOf(list.slice(comma + 1, end).trim());
    if (comma < 0) return null;
    end = comma;
  }
}

/** An address without a port, IPv6 in its canonical form; null when the text is none. */
export function addressOf(text: string): Address | null {
  const family = isIP(text);
  if (family === 4) return ipAddress(text, 0);
  if (family === 0) return null;
  return ipAddress(new SocketAddress({ address: text, family: "ipv6" }).address, 0);
}
