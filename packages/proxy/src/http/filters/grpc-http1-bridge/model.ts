/** `envoy.extensions.filters.http.grpc_http1_bridge.v3.Config` as plain data. */
export interface GrpcHttp1BridgeConfig {
  /** A request of type `application/x-protobuf` is put into a gRPC frame, and the response taken out of its own. */
  readonly upgradeProtobufToGrpc: boolean;
  /** The query is cut off the path of a gRPC request: a method has none. */
  readonly ignoreQueryParameters: boolean;
}
