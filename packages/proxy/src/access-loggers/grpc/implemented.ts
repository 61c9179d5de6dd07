const PACKAGE = "envoy.extensions.access_loggers.grpc.v3";

/** Messages and fields of the loggers by gRPC, but for `GrpcService` itself. */
export const implemented = {
  [`${PACKAGE}.CommonGrpcAccessLogConfig`]: "all",
  "envoy.type.tracing.v3.CustomTag": [
    "tag",
    "literal",
    "environment",
    "request_header",
    "metadata",
    "value",
  ],
  "envoy.type.tracing.v3.CustomTag.Literal": "all",
  "envoy.type.tracing.v3.CustomTag.Environment": "all",
  "envoy.type.tracing.v3.CustomTag.Header": "all",
  "envoy.type.tracing.v3.CustomTag.Metadata": "all",
  "envoy.type.metadata.v3.MetadataKey": "all",
  "envoy.type.metadata.v3.MetadataKey.PathSegment": ["key"],
  "envoy.type.metadata.v3.MetadataKind": "all",
  "envoy.type.metadata.v3.MetadataKind.Request": "all",
  "envoy.type.metadata.v3.MetadataKind.Route": "all",
  "envoy.type.metadata.v3.MetadataKind.Cluster": "all",
  "envoy.type.metadata.v3.MetadataKind.Host": "all",
} as const;
