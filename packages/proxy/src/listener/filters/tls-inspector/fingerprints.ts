import { hash } from "node:crypto";
import { uint16, type ClientHello } from "./client-hello.ts";

/** JA3: the MD5 of version, ciphers, extensions, groups and point formats in the client's order, without GREASE. */
export function ja3Fingerprint(hello: ClientHello): string {
  const { buffer } = hello;
  const parts = [
    String(hello.version),
    ciphersOf(hello).join("-"),
    extensionsOf(hello).join("-"),
    list(hello, SUPPORTED_GROUPS, 2)
      .map((at) => uint16(buffer, at))
      .join("-"),
    list(hello, POINT_FORMATS, 1)
      .map((at) => buffer[at])
      .join("-"),
  ];
  return hash("md5", parts.join(","));
}

/** JA4 of a TLS connection: what the client can do in short, and hashes of its sorted ciphers and extensions. */
export function ja4Fingerprint(hello: ClientHello): string {
  const ciphers = ciphersOf(hello);
  const extensions = extensionsOf(hello);
  const named = hello.findExtension(SERVER_NAME) >= 0 ? "d" : "i";
  const counts = twoDigits(ciphers.length) + twoDigits(extensions.length);
  const told = extensions.filter((type) => type !== SERVER_NAME && type !== ALPN);
  const algorithms = list(hello, SIGNATURE_ALGORITHMS, 2).map((at) => uint16(hello.buffer, at));
  const suffix = algorithms.length === 0 ? "" : `_${algorithms.map(hex).join(",")}`;
  return [
    `t${versionOf(hello)}${named}${counts}${protocolOf(hello)}`,
    ciphers.length === 0 ? NO_HASH : shortHash(sortedText(ciphers)),
    told.length === 0 ? NO_HASH : shortHash(sortedText(told) + suffix),
  ].join("_");
}

const SERVER_NAME = 0;
const SUPPORTED_GROUPS = 10;
const POINT_FORMATS = 11;
const SIGNATURE_ALGORITHMS = 13;
const ALPN = 16;
const SUPPORTED_VERSIONS = 43;
const NO_HASH = "000000000000";

/** Values that clients throw in so that servers learn to pass over what they do not know (RFC 8701). */
function isGrease(value: number): boolean {
  return (value & 0x0f0f) === 0x0a0a && value >> 8 === (value & 0xff);
}

function ciphersOf({ buffer, ciphersStart, ciphersEnd }: ClientHello): number[] {
  const ciphers: number[] = [];
  for (let at = ciphersStart; at < ciphersEnd; at += 2) {
    const cipher = uint16(buffer, at);
    if (!isGrease(cipher)) ciphers.push(cipher);
  }
  return ciphers;
}

function extensionsOf({ buffer, extensionsStart, extensionsEnd }: ClientHello): number[] {
  const types: number[] = [];
  for (let at = extensionsStart; at < extensionsEnd; at += 4 + uint16(buffer, at + 2)) {
    const type = uint16(buffer, at);
    if (!isGrease(type)) types.push(type);
  }
  return types;
}

/** Places of an extension's items of `size` bytes, behind the length of its list, which is as long as `size` says. */
function list(hello: ClientHello, type: number, size: 1 | 2): number[] {
  const start = hello.findExtension(type);
  if (start < 0) return [];
  const end = start + uint16(hello.buffer, start - 2);
  const places: number[] = [];
  for (let at = start + size; at + size <= end; at += size) places.push(at);
  return places;
}

/** The highest version that the client offers, GREASE apart. */
function versionOf(hello: ClientHello): string {
  const { buffer } = hello;
  const start = hello.findExtension(SUPPORTED_VERSIONS);
  if (start < 0) return versionText(hello.version);
  const dataEnd = start + uint16(buffer, start - 2);
  if (dataEnd === start || start + 1 + buffer[start]! > dataEnd) return UNKNOWN_VERSION;
  const end = start + 1 + buffer[start]!;
  let highest = 0;
  for (let at = start + 1; at + 2 <= end; at += 2) {
    const version = uint16(buffer, at);
    if (!isGrease(version) && version > highest) highest = version;
  }
  return versionText(highest === 0 ? hello.version : highest);
}

const UNKNOWN_VERSION = "00";
const TLS_1_0 = 0x0301;
const TLS_1_3 = 0x0304;

function versionText(version: number): string {
  return version < TLS_1_0 || version > TLS_1_3 ? UNKNOWN_VERSION : `1${version - TLS_1_0}`;
}

/** First and last character of the first protocol, or halves of its bytes where they are not letters and digits. */
function protocolOf(hello: ClientHello): string {
  const { buffer } = hello;
  const start = hello.findExtension(ALPN);
  const end = start + (start < 0 ? 0 : uint16(buffer, start - 2));
  if (start < 0 || end - start < 4) return "00";
  const length = buffer[start + 2]!;
  if (length === 0 || start + 3 + length > end) return "00";
  const first = buffer[start + 3]!;
  const last = buffer[start + 2 + length]!;
  const text = String.fromCharCode(first, last);
  if (/^[0-9A-Za-z]{2}$/.test(text)) return text;
  return (first >> 4).toString(16) + (last & 15).toString(16);
}

function twoDigits(count: number): string {
  return String(Math.min(count, 99)).padStart(2, "0");
}

function hex(value: number): string {
  return value.toString(16).padStart(4, "0");
}

function sortedText(values: readonly number[]): string {
  return values
    .map(hex)
    .toSorted((a, b) => (a < b ? -1 : 1))
    .join(",");
}

function shortHash(text: string): string {
  return hash("sha256", text).slice(0, NO_HASH.length);
}
