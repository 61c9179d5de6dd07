/** Where data planes find their control plane: a port, or a Unix socket. */
export type XdsAddress =
  | { readonly host: string; readonly port: number }
  | { readonly path: string };

/** As Envoy's configuration has it: `envoy.config.core.v3.Address` as JSON. */
export function addressJson(address: XdsAddress): object {
  return "path" in address
    ? { pipe: { path: address.path } }
    : { socket_address: { address: address.host, port_value: address.port } };
}

/** For people: `127.0.0.1:18000`, `[::1]:18000`, or the path. */
export function addressText(address: XdsAddress): string {
  if ("path" in address) return address.path;
  const { host, port } = address;
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}
