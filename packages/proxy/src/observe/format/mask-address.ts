import { isIPv4, isIPv6 } from "node:net";
import { ipv6Text } from "../../base/ipv6-text.ts";

/**
 * `10.1.10.23` masked to 16 bits is `10.1.0.0/16`; IPv6 likewise, in the form of RFC 5952. A longer prefix than the
 * address has bits counts as the whole address. Null for what is no IP address (a pipe).
 */
export function maskAddress(ip: string, prefixLength: number): string | null {
  if (isIPv4(ip)) {
    const bits = Math.min(prefixLength, 32);
    return `${maskGroups(ip.split(".").map(Number), 8, bits).join(".")}/${bits}`;
  }
  if (!isIPv6(ip)) return null;
  const bits = Math.min(prefixLength, 128);
  return `${ipv6Text(maskGroups(ipv6Groups(ip), 16, bits))}/${bits}`;
}

function maskGroups(groups: readonly number[], width: number, prefixLength: number): number[] {
  return groups.map((group, index) => {
    const kept = Math.max(0, Math.min(width, prefixLength - index * width));
    return (group >> (width - kept)) << (width - kept);
  });
}

function ipv6Groups(ip: string): number[] {
  const [left = "", right] = withoutDottedTail(ip.split("%")[0]!).split("::");
  const head = left === "" ? [] : left.split(":");
  if (right === undefined) return head.map(fromHex);
  const tail = right === "" ? [] : right.split(":");
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => 0);
  return [...head.map(fromHex), ...zeros, ...tail.map(fromHex)];
}

/** `::ffff:1.2.3.4` as `::ffff:102:304`. */
function withoutDottedTail(ip: string): string {
  const colon = ip.lastIndexOf(":");
  if (!ip.includes(".", colon)) return ip;
  const [a = 0, b = 0, c = 0, d = 0] = ip
    .slice(colon + 1)
    .split(".")
    .map(Number);
  return `${ip.slice(0, colon + 1)}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
}

function fromHex(group: string): number {
  return parseInt(group, 16);
}
