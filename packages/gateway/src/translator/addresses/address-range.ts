import { BlockList, isIP } from "node:net";

/** Addresses of a pool, one by one: `10.0.0.7`, or those of `10.0.0.0/24` that a host can have. */
export function* addressesOf(entry: string): Generator<string> {
  const [address = "", prefix] = entry.split("/");
  const version = isIP(address);
  if (version === 0) return;
  if (prefix === undefined) {
    yield address;
    return;
  }
  const bits = version === 4 ? 32 : 128;
  const hostBits = BigInt(bits - Number(prefix));
  const first = (numberOf(address, version) >> hostBits) << hostBits;
  const last = first + (1n << hostBits) - 1n;
  // The first address is the network's (IPv6: its routers'), the last one of IPv4 is everybody's.
  const spare = hostBits > 1n ? 1n : 0n;
  const end = version === 4 ? last - spare : last;
  for (let at = first + spare; at <= end; at++) yield textOf(at, version);
}

/** Whether an address is one of a pool. */
export function isIn(pool: readonly string[], address: string): boolean {
  const list = new BlockList();
  for (const entry of pool) {
    const [start = "", prefix] = entry.split("/");
    const family = isIP(start) === 4 ? "ipv4" : "ipv6";
    if (prefix === undefined) list.addAddress(start, family);
    else list.addSubnet(start, Number(prefix), family);
  }
  return list.check(address, isIP(address) === 4 ? "ipv4" : "ipv6");
}

function numberOf(address: string, version: number): bigint {
  const parts = version === 4 ? address.split(".").map(Number) : groupsOf(address);
  const width = version === 4 ? 8n : 16n;
  return parts.reduce((sum, part) => (sum << width) | BigInt(part), 0n);
}

/** The eight groups of an IPv6 address. */
function groupsOf(address: string): number[] {
  // URLs have IPv6 addresses in one form, without dots.
  const text = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = "", tail] = text.split("::");
  const groups = (part: string): number[] =>
    part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16));
  if (tail === undefined) return groups(head);
  const zeros = 8 - groups(head).length - groups(tail).length;
  return [...groups(head), ...Array.from({ length: zeros }, () => 0), ...groups(tail)];
}

function textOf(number: bigint, version: number): string {
  const [count, width] = version === 4 ? [4, 8n] : [8, 16n];
  const parts = Array.from({ length: count }, (_, i) => {
    const shift = BigInt(count - 1 - i) * width;
    return Number((number >> shift) & ((1n << width) - 1n));
  });
  if (version === 4) return parts.join(".");
  const groups = parts.map((part) => part.toString(16)).join(":");
  return new URL(`http://[${groups}]`).hostname.slice(1, -1);
}
