import { SocketAddress, isIP } from "node:net";
import type { FilterStateObject } from "../../../observe/filter-state-object.ts";
import { ipAddress } from "../../../transport/address.ts";
import type { FilterStateFactory } from "./model.ts";

/** The object that a factory makes of a text; null when it makes none. */
export function filterStateObject(
  factory: FilterStateFactory,
  text: string,
): FilterStateObject | string | null {
  switch (factory) {
    case "envoy.hashable_string":
      // What is hashable is plain text here.
      return text;
    case "envoy.string":
      return { filterStateText: text, filterStateJson: text };
    case "envoy.tcp_proxy.cluster":
      return { filterStateText: text, filterStateJson: undefined };
    case "envoy.bool":
    case "envoy.tcp_proxy.disable_tunneling":
      return bool(text.toLowerCase());
    case "envoy.tcp_proxy.per_connection_idle_timeout_ms":
      return uint64(text);
    case "envoy.network.ip":
      return ip(text);
  }
}

const TRUE: readonly string[] = ["true", "t", "yes", "y", "1"];
const FALSE: readonly string[] = ["false", "f", "no", "n", "0"];

function bool(text: string): FilterStateObject | null {
  const value = TRUE.includes(text);
  if (!value && !FALSE.includes(text)) return null;
  return { filterStateText: String(value), filterStateJson: value };
}

function uint64(text: string): FilterStateObject | null {
  if (!/^\d{1,20}$/.test(text) || BigInt(text) >= 2n ** 64n) return null;
  const value = String(BigInt(text));
  return { filterStateText: value, filterStateJson: value };
}

/** As Envoy prints an address, with port 0. */
function ip(text: string): FilterStateObject | null {
  const family = isIP(text);
  if (family === 0) return null;
  const address = new SocketAddress({ address: text, family: family === 4 ? "ipv4" : "ipv6" });
  return {
    filterStateText: ipAddress(address.address, 0).text,
    filterStateJson: undefined,
    filterStateIp: address.address,
  };
}
