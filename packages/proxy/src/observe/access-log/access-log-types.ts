/** By the numbers of `envoy.data.accesslog.v3.AccessLogType`. */
export const ACCESS_LOG_TYPES: readonly string[] = [
  "NotSet",
  "TcpUpstreamConnected",
  "TcpPeriodic",
  "TcpConnectionEnd",
  "DownstreamStart",
  "DownstreamPeriodic",
  "DownstreamEnd",
  "UpstreamPoolReady",
  "UpstreamPeriodic",
  "UpstreamEnd",
  "DownstreamTunnelSuccessfullyEstablished",
  "UdpTunnelUpstreamConnected",
  "UdpPeriodic",
  "UdpSessionEnd",
  "TcpConnectionStart",
];

/** The other way round. */
export const ACCESS_LOG_TYPE_NUMBERS: ReadonlyMap<string, number> = new Map(
  ACCESS_LOG_TYPES.map((type, number) => [type, number]),
);
