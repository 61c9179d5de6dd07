/** `envoy.extensions.filters.http.grpc_http1_reverse_bridge.v3.FilterConfig` as plain data. */
export interface GrpcHttp1ReverseBridgeConfig {
  /** What the upstream is sent, and has to answer with. */
  readonly contentType: string;
  /** The upstream sees messages without frames. */
  readonly withholdGrpcFrames: boolean;
  /** In lower case, the header that tells the response's size, so that it need not be held; empty for none. */
  readonly responseSizeHeader: string;
}

/** `FilterConfigPerRoute`. */
export interface GrpcHttp1ReverseBridgePerRoute {
  readonly disabled: boolean;
}
