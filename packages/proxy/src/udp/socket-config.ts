import type { UdpSocketConfig } from "@nuncio/api/types/envoy/config/core/v3/udp_socket_config_pb";
import type { UdpSocketOptions } from "./model.ts";

/** Messages that are implemented here. */
export const implemented = { "envoy.config.core.v3.UdpSocketConfig": "all" } as const;

const DEFAULT_MAX_RX_DATAGRAM_BYTES = 1500;
const ANY_DATAGRAM_BYTES = 65_535;

/**
 * As Envoy: where GRO is preferred, which is a matter of each side's default, a read has room for any datagram, so none is too
 * large. Datagrams that belong together are not read at once here, which nobody can tell.
 */
export function compileUdpSocket(
  config: UdpSocketConfig | undefined,
  prefersGroByDefault: boolean,
): UdpSocketOptions {
  if (config?.preferGro ?? prefersGroByDefault) return { maxRxDatagramBytes: ANY_DATAGRAM_BYTES };
  return { maxRxDatagramBytes: Number(config?.maxRxDatagramSize ?? DEFAULT_MAX_RX_DATAGRAM_BYTES) };
}
