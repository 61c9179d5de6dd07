/** One filter of a UDP listener as main posts it: the type that chooses its worker side, and what its compile made. */
export interface UdpFilterConfig {
  readonly name: string;
  /** Message type name. */
  readonly type: string;
  readonly config: unknown;
}

/** `envoy.config.core.v3.UdpSocketConfig`. */
export interface UdpSocketOptions {
  /** Larger datagrams that come are dropped. */
  readonly maxRxDatagramBytes: number;
}
