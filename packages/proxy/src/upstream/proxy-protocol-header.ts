import { parseIp } from "../base/ip-bytes.ts";
import type { Address } from "../observe/stream-info.ts";

const SIGNATURE_V2 = Buffer.from("\r\n\r\n\0\r\nQUIT\n", "latin1");
/** Version 2, and that the connection is a client's. */
const PROXY = 0x21;
const TCP_OVER_IPV4 = 0x11;
const TCP_OVER_IPV6 = 0x21;
/** `AF_UNSPEC`, nothing follows. */
const UNKNOWN_V2 = [PROXY, 0, 0, 0];

/**
 * The header that tells a server who its client is (haproxy.org, proxy-protocol.txt). Addresses of two families, and those
 * that are no IP addresses, are unknown to the server.
 */
export function proxyProtocolHeader(version: 1 | 2, source: Address, destination: Address): Buffer {
  const bytes = Buffer.alloc(36);
  const family = parseIp(source.ip, bytes);
  const known = family !== 0 && parseIp(destination.ip, bytes.subarray(family)) === family;
  if (version === 1) return Buffer.from(line(known ? family : 0, source, destination), "latin1");
  if (!known) return Buffer.concat([SIGNATURE_V2, Buffer.from(UNKNOWN_V2)]);
  bytes.writeUInt16BE(source.port, 2 * family);
  bytes.writeUInt16BE(destination.port, 2 * family + 2);
  const length = 2 * family + 4;
  const prefix = Buffer.from([PROXY, family === 4 ? TCP_OVER_IPV4 : TCP_OVER_IPV6, 0, length]);
  return Buffer.concat([SIGNATURE_V2, prefix, bytes.subarray(0, length)]);
}

function line(family: 0 | 4 | 16, source: Address, destination: Address): string {
  if (family === 0) return "PROXY UNKNOWN\r\n";
  const protocol = family === 4 ? "TCP4" : "TCP6";
  return `PROXY ${protocol} ${source.ip} ${destination.ip} ${source.port} ${destination.port}\r\n`;
}
