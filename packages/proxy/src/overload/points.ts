/**
 * Where the workers ask whether to shed: actions first, then load shed points. The number is the place of its value in
 * shared memory: 0 for no, 1 for always, between them the share of what is to be shed.
 */
export const ShedPoint = {
  StopAcceptingRequests: 0,
  DisableHttpKeepalive: 1,
  StopAcceptingConnections: 2,
  RejectIncomingConnections: 3,
  TcpListenerAccept: 4,
  HcmOndataCreatingCodec: 5,
  HttpConnectionManagerDecodeHeaders: 6,
  Http1ServerAbortDispatch: 7,
  Http2ServerGoAwayOnDispatch: 8,
  Http2ServerGoAwayAndCloseOnDispatch: 9,
  HttpDownstreamFilterCheck: 10,
  ConnectionPoolNewConnection: 11,
  TcpProxyOnData: 12,
  TcpProxyUpstreamConnect: 13,
} as const;
export type ShedPoint = (typeof ShedPoint)[keyof typeof ShedPoint];

/** How many there are. */
export const SHED_POINTS: number = Object.keys(ShedPoint).length;

/** The prefix that Envoy keeps for its own actions. */
export const ACTION_PREFIX = "envoy.overload_actions.";
/** What the names of load shed points begin with. */
export const LOAD_SHED_PREFIX = "envoy.load_shed_points.";

/** The resource monitor that limits downstream connections; Envoy lets it have no other name. */
export const DOWNSTREAM_CONNECTIONS = "envoy.resource_monitors.global_downstream_max_connections";

/** By name behind the prefix: the actions that workers look up. */
export const ACTION_POINTS: ReadonlyMap<string, ShedPoint> = new Map<string, ShedPoint>([
  ["stop_accepting_requests", ShedPoint.StopAcceptingRequests],
  ["disable_http_keepalive", ShedPoint.DisableHttpKeepalive],
  ["stop_accepting_connections", ShedPoint.StopAcceptingConnections],
  ["reject_incoming_connections", ShedPoint.RejectIncomingConnections],
]);

/** By name behind the prefix. */
export const LOAD_SHED_POINTS: ReadonlyMap<string, ShedPoint> = new Map<string, ShedPoint>([
  ["tcp_listener_accept", ShedPoint.TcpListenerAccept],
  ["hcm_ondata_creating_codec", ShedPoint.HcmOndataCreatingCodec],
  ["http_connection_manager_decode_headers", ShedPoint.HttpConnectionManagerDecodeHeaders],
  ["http1_server_abort_dispatch", ShedPoint.Http1ServerAbortDispatch],
  ["http2_server_go_away_on_dispatch", ShedPoint.Http2ServerGoAwayOnDispatch],
  ["http2_server_go_away_and_close_on_dispatch", ShedPoint.Http2ServerGoAwayAndCloseOnDispatch],
  ["http_downstream_filter_check", ShedPoint.HttpDownstreamFilterCheck],
  ["connection_pool_new_connection", ShedPoint.ConnectionPoolNewConnection],
  ["tcp_proxy_on_data", ShedPoint.TcpProxyOnData],
  ["tcp_proxy_upstream_connect", ShedPoint.TcpProxyUpstreamConnect],
]);
