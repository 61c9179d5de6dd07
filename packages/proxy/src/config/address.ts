import { isIP } from "node:net";
import type { Address, SocketAddress } from "@nuncio/api/types/envoy/config/core/v3/address_pb";
import type { ListenAddress } from "../listener/model.ts";
import type { CompileContext } from "./context.ts";

/** An address to listen on; null, with a problem, when it cannot be one. Host names are no listening addresses. */
export function compileListenAddress(address: Address, ctx: CompileContext): ListenAddress | null {
  const which = address.address;
  switch (which.case) {
    case "pipe":
      return {
        protocol: "tcp",
        ip: "",
        port: 0,
        path: which.value.path,
        mode: which.value.mode,
        ipv4Compat: false,
      };
    case "socketAddress":
      return compileSocketAddress(which.value, ctx);
    case "envoyInternalAddress":
      ctx.problems.error(
        address,
        "envoy_internal_address",
        "not implemented yet: internal listeners",
      );
      return null;
    case undefined:
      return null;
  }
}

const UDP = 1;

function compileSocketAddress(address: SocketAddress, ctx: CompileContext): ListenAddress | null {
  const port = address.portSpecifier;
  if (port.case === "namedPort") {
    ctx.problems.error(
      address,
      "named_port",
      "expected port_value: a listening address has a number for a port",
    );
    return null;
  }
  if (isIP(address.address) === 0) {
    ctx.problems.error(address, "address", `malformed IP address: ${address.address}`);
    return null;
  }
  return {
    protocol: address.protocol === UDP ? "udp" : "tcp",
    ip: address.address,
    port: port.value ?? 0,
    path: "",
    mode: 0,
    ipv4Compat: address.ipv4Compat,
  };
}

/** As Envoy prints it: `127.0.0.1:80`, `[::1]:80`, `/run/x.sock`. */
export function listenAddressText(address: ListenAddress): string {
  if (address.path !== "") return address.path;
  return address.ip.includes(":")
    ? `[${address.ip}]:${address.port}`
    : `${address.ip}:${address.port}`;
}
