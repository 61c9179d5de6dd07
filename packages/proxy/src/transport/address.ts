import type { Address } from "../observe/stream-info.ts";
import type { NativeHandle, NativeTcp, SocketName } from "./native.ts";

/** An IP address and port, as Envoy prints it. */
export function ipAddress(ip: string, port: number): Address {
  return { text: ipAddressText(ip, port), ip, port };
}

function ipAddressText(ip: string, port: number): string {
  return ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`;
}

/** Of a socket. Every connection has two of them, and few are ever printed. */
class SocketAddress implements Address {
  readonly ip: string;
  readonly port: number;
  #text = "";

  constructor(ip: string, port: number) {
    this.ip = ip;
    this.port = port;
  }

  get text(): string {
    return (this.#text ||= ipAddressText(this.ip, this.port));
  }
}

/** A Unix socket; `@` starts a name of the abstract namespace. */
export function pipeAddress(path: string): Address {
  return { text: path, ip: path, port: 0 };
}

/** Whether it is a Unix socket's. */
export function isPipe(address: Address): boolean {
  return address.port === 0 && (address.ip.startsWith("/") || address.ip.startsWith("@"));
}

/** The socket's own address; `fallback` for a pipe or a socket that is gone. */
export function localAddressOf(handle: NativeHandle, fallback: Address): Address {
  return nameOf(handle, "getsockname") ?? fallback;
}

/** The peer's address; `fallback` for a pipe or a socket that is gone. */
export function remoteAddressOf(handle: NativeHandle, fallback: Address): Address {
  return nameOf(handle, "getpeername") ?? fallback;
}

const MAPPED_IPV4 = "::ffff:";

function nameOf(handle: NativeHandle, call: "getsockname" | "getpeername"): Address | null {
  if (!(call in handle)) return null;
  const out: SocketName = {};
  if ((handle as NativeTcp)[call](out) !== 0 || out.address === undefined) return null;
  return new SocketAddress(unmappedIp(out.address), out.port ?? 0);
}

/** Without what a socket of IPv6 puts before addresses of IPv4. */
export function unmappedIp(ip: string): string {
  return ip.startsWith(MAPPED_IPV4) && ip.includes(".") ? ip.slice(MAPPED_IPV4.length) : ip;
}
