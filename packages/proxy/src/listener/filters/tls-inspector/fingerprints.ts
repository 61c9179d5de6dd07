import { hash } from "node:crypto";
import { uint16, type ClientHello } from "../../../transport/tls/client-hello.ts";

/** JA3: the MD5 of version, ciphers, extensions, groups and point formats in the client's order, without GREASE. */
export function ja3Fingerprint(hello: ClientHello): string {
  const lists = [
    withoutGrease(hello.cipherSuites),
    withoutGrease(hello.extensionTypes),
    hello.groups,
    hello.pointFormats,
  ];
  return hash("md5", [hello.version, ...lists.map((list) => list.join("-"))].join(","));
}

/** JA4 of a TLS connection: what the client can do in short, and hashes of its sorted ciphers and extensions. */
export function ja4Fingerprint(hello: ClientHello): string {
  const ciphers = withoutGrease(hello.cipherSuites);
  const extensions = withoutGrease(hello.extensionTypes);
  const named = hello.findExtension(SERVER_NAME) >= 0 ? "d" : "i";
  const counts = twoDigits(ciphers.length) + twoDigits(extensions.length);
  const told = extensions.filter((type) => type !== SERVER_NAME && type !== ALPN);
  const algorithms = hello.signatureAlgorithms;
  const suffix = algorithms.length === 0 ? "" : `_${algorithms.map(hex).join(",")}`;
  return [
    `t${versionOf(hello)}${named}${counts}${protocolOf(hello)}`,
    ciphers.length === 0 ? NO_HASH : shortHash(sortedText(ciphers)),
    told.length === 0 ? NO_HASH : shortHash(sortedText(told) + suffix),
  ].join("_");
}

const SERVER_NAME = 0;
const ALPN = 16;
const SUPPORTED_VERSIONS = 43;
const NO_HASH = "000000000000";

/** Values that clients throw in so that servers learn to pass over what they do not know (RFC 8701). */
function isGrease(value: number): boolean {
  return (value & 0x0f0f) === 0x0a0a && value >> 8 === (value & 0xff);
}

function withoutGrease(values: readonly number[]): number[] {
  return values.filter((value) => !isGrease(value));
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
