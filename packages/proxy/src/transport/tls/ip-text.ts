import { SocketAddress } from "node:net";

/** The address of an IP_ADDRESS name, in its shortest form; bytes that are neither 4 nor 16 are no address. */
export function ipText(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join(".");
  if (bytes.length !== 16) return "";
  const groups = bytes.toString("hex").match(/.{4}/gu) ?? [];
  return new SocketAddress({ family: "ipv6", address: groups.join(":") }).address;
}
