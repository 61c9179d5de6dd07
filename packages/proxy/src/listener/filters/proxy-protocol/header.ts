import { SocketAddress } from "node:net";
import { parseIp } from "../../../base/ip-bytes.ts";
import type { Address } from "../../../observe/stream-info.ts";
import { ipAddress } from "../../../transport/address.ts";

/** What stands at the beginning of a connection. */
export type ProxyHeaderResult =
  | {
      readonly kind: "found";
      readonly version: 1 | 2;
      /** Bytes of the header, items included. */
      readonly length: number;
      /** Null for a health check of the sender itself, or unknown addresses: the socket's hold. */
      readonly addresses: ProxiedAddresses | null;
      /** Type-length-value items of version 2, from here to the header's end; both 0 where they do not count. */
      readonly itemsStart: number;
      readonly itemsEnd: number;
    }
  | { readonly kind: "error"; readonly version: 1 | 2 }
  /** Something else. */
  | { readonly kind: "none" }
  /** It may become a header; of version 2 when that is certain, else 0. */
  | { readonly kind: "more"; readonly version: 0 | 2; readonly neededBytes: number };

export interface ProxiedAddresses {
  readonly source: Address;
  readonly destination: Address;
}

const SIGNATURE_V1: Buffer = Buffer.from("PROXY ", "latin1");
const SIGNATURE_V2: Buffer = Buffer.from("\r\n\r\n\0\r\nQUIT\n", "latin1");
const HEADER_V2_BYTES = 16;
/** With its line end; the specification's limit is 107. */
const LINE_MAX_BYTES = 108;
/** A line end is looked for as far as the longest header of version 2 without items goes. */
const SEARCH_MAX_BYTES = 232;
const CR = 13;
const LF = 10;

const MORE: ProxyHeaderResult = { kind: "more", version: 0, neededBytes: 0 };
const NONE: ProxyHeaderResult = { kind: "none" };
const ERROR_V1: ProxyHeaderResult = { kind: "error", version: 1 };
const ERROR_V2: ProxyHeaderResult = { kind: "error", version: 2 };

/** Whether the bytes, as far as they are here, are those of a version's signature. */
export function mayBeProxyHeader(
  buffer: Buffer,
  start: number,
  end: number,
  version: 1 | 2,
): boolean {
  const signature = version === 1 ? SIGNATURE_V1 : SIGNATURE_V2;
  const length = Math.min(end - start, signature.length);
  return buffer.compare(signature, 0, length, start, start + length) === 0;
}

/**
 * Reads a header of the PROXY protocol, version 1 or 2 (haproxy.org, proxy-protocol.txt), from the bytes `start` to `end`: all
 * that came so far, and one at least.
 */
export function readProxyHeader(buffer: Buffer, start: number, end: number): ProxyHeaderResult {
  const bytes = end - start;
  if (bytes >= HEADER_V2_BYTES) {
    if (mayBeProxyHeader(buffer, start, end, 2)) return readV2(buffer, start, end);
    if (!mayBeProxyHeader(buffer, start, end, 1)) return NONE;
  }
  const lineEnd = findLineEnd(buffer, start, end);
  if (lineEnd < 0) return bytes > LINE_MAX_BYTES ? NONE : MORE;
  if (lineEnd - start > LINE_MAX_BYTES) return ERROR_V1;
  return readV1(buffer.latin1Slice(start, lineEnd), lineEnd - start);
}

/** Behind the first CR LF that does not begin a signature of version 2; -1 for none. */
function findLineEnd(buffer: Buffer, start: number, end: number): number {
  const limit = Math.min(end, start + SEARCH_MAX_BYTES);
  for (let at = start + 1; at < limit; at++) {
    if (buffer[at] !== LF || buffer[at - 1] !== CR) continue;
    return at === start + 1 ? -1 : at + 1;
  }
  return -1;
}

function readV1(line: string, length: number): ProxyHeaderResult {
  const parts = line.trimEnd().split(" ");
  const [word, protocol, source, destination, sourcePort, destinationPort] = parts;
  if (word !== "PROXY" || protocol === undefined) return ERROR_V1;
  const header = { kind: "found", version: 1, length, itemsStart: 0, itemsEnd: 0 } as const;
  if (protocol === "UNKNOWN") return { ...header, addresses: null };
  const width = protocol === "TCP4" ? 4 : protocol === "TCP6" ? 16 : 0;
  if (parts.length !== 6 || width === 0) return ERROR_V1;
  const from = textAddress(source!, sourcePort!, width);
  const to = textAddress(destination!, destinationPort!, width);
  if (from === null || to === null) return ERROR_V1;
  return { ...header, addresses: { source: from, destination: to } };
}

const BYTES = new Uint8Array(16);

function textAddress(ip: string, port: string, width: 4 | 16): Address | null {
  if (!/^[0-9]{1,9}$/.test(port) || Number(port) > 65_535) return null;
  const zone = width === 16 ? (/%[0-9]+$/.exec(ip)?.[0] ?? "") : "";
  const bare = ip.slice(0, ip.length - zone.length);
  if (parseIp(bare, BYTES) !== width || !isUnicast(BYTES, 0, width)) return null;
  const address = addressOf(bare, Number(port));
  return zone === "" ? address : ipAddress(address.ip + zone, address.port);
}

/** Command, family and protocol, length; then both addresses, ports, and items. */
function readV2(buffer: Buffer, start: number, end: number): ProxyHeaderResult {
  const command = buffer[start + 12]! & 15;
  if (buffer[start + 12]! >> 4 !== 2) return ERROR_V2;
  const rest = buffer.readUInt16BE(start + 14);
  const length = HEADER_V2_BYTES + rest;
  const more: ProxyHeaderResult = { kind: "more", version: 2, neededBytes: length };
  const header = { kind: "found", version: 2, length, itemsStart: 0, itemsEnd: 0 } as const;
  if (command === LOCAL) return end - start < length ? more : { ...header, addresses: null };
  const width = buffer[start + 13]! >> 4 === INET ? 4 : buffer[start + 13]! >> 4 === INET6 ? 16 : 0;
  const protocol = buffer[start + 13]! & 15;
  const addressesBytes = 2 * width + 4;
  if (width === 0 || rest < addressesBytes) return ERROR_V2;
  if (command !== PROXY || (protocol !== STREAM && protocol !== DATAGRAM)) return ERROR_V2;
  if (end - start < length) return more;
  const at = start + HEADER_V2_BYTES;
  const itemsStart = at + addressesBytes;
  const itemsEnd = start + length;
  if (!areItemsWhole(buffer, itemsStart, itemsEnd)) return ERROR_V2;
  if (!isUnicast(buffer, at, width) || !isUnicast(buffer, at + width, width)) return ERROR_V2;
  const ports = at + 2 * width;
  return {
    ...header,
    addresses: {
      source: binaryAddress(buffer, at, width, buffer.readUInt16BE(ports)),
      destination: binaryAddress(buffer, at + width, width, buffer.readUInt16BE(ports + 2)),
    },
    itemsStart,
    itemsEnd,
  };
}

const LOCAL = 0;
const PROXY = 1;
const INET = 1;
const INET6 = 2;
const STREAM = 1;
const DATAGRAM = 2;

/** Type, length in two bytes, value. */
function areItemsWhole(buffer: Buffer, start: number, end: number): boolean {
  let at = start;
  while (at < end) {
    if (at + 3 > end) return false;
    at += 3 + buffer.readUInt16BE(at + 1);
  }
  return at === end;
}

function binaryAddress(buffer: Buffer, at: number, width: 4 | 16, port: number): Address {
  if (width === 4) return ipAddress(buffer.subarray(at, at + 4).join("."), port);
  const groups: string[] = [];
  for (let i = at; i < at + 16; i += 2) groups.push(buffer.readUInt16BE(i).toString(16));
  return addressOf(groups.join(":"), port);
}

/** In the text form that everybody uses (RFC 5952). */
function addressOf(ip: string, port: number): Address {
  if (!ip.includes(":")) return ipAddress(ip, port);
  return ipAddress(new SocketAddress({ address: ip, family: "ipv6" }).address, port);
}

/** Neither any address, nor a group, nor everybody. */
function isUnicast(bytes: Uint8Array, at: number, width: 4 | 16): boolean {
  if (width === 16) {
    return bytes[at] !== 0xff && bytes.subarray(at, at + 16).some((byte) => byte !== 0);
  }
  const first = bytes[at]!;
  const all = (value: number): boolean =>
    bytes.subarray(at, at + 4).every((byte) => byte === value);
  return !all(0) && !all(255) && (first < 224 || first > 239);
}
