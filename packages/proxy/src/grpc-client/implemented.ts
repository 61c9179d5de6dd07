/**
 * Fields of `GrpcService` that are implemented wherever one stands. What only calls of workers have is refused for sources of
 * configuration where those are read; the retry policy of EnvoyGrpc is about streams of configuration, as in Envoy.
 */
export const implemented = {
  "envoy.config.core.v3.GrpcService": ["envoy_grpc", "timeout", "initial_metadata", "retry_policy"],
  "envoy.config.core.v3.GrpcService.EnvoyGrpc": [
    "cluster_name",
    "authority",
    "retry_policy",
    "max_receive_message_length",
    "skip_envoy_headers",
  ],
  "envoy.config.core.v3.HeaderValue": "all",
  "envoy.config.core.v3.RetryPolicy": ["retry_back_off", "num_retries", "retry_on"],
  "envoy.config.core.v3.BackoffStrategy": "all",
} as const;
