import fc, { type Arbitrary } from "fast-check";
import type { Setup } from "../../diff/case.ts";
import type { Config } from "../../diff/config-value.ts";
import { flag, maybe, message, one } from "./fields.ts";

const HTTP_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

/** Options of HTTP/2 that change what is to be seen when nobody breaks a rule. */
const http2Options: Arbitrary<Config> = message({
  initial_stream_window_size: maybe(25, one(65_535, 1_048_576)),
  initial_connection_window_size: maybe(25, one(65_535, 1_048_576)),
  hpack_table_size: maybe(25, one(0, 64, 4_096)),
  allow_connect: maybe(20, flag),
  override_stream_error_on_invalid_http_message: maybe(40, flag),
});

/** What clusters speak, where a case does not just say HTTP/2. */
const clusterProtocol: Arbitrary<Config> = fc.oneof(
  message({
    explicit_http_config: message({
      http2_protocol_options: fc
        .tuple(http2Options, message({ max_concurrent_streams: maybe(40, one(1, 2)) }))
        .map(([options, limit]) => ({ ...options, ...limit })),
    }),
  }),
  message({
    use_downstream_protocol_config: message({
      http_protocol_options: fc.constant({}),
      http2_protocol_options: http2Options,
    }),
  }),
);

/** Which protocols are spoken on both sides: HTTP/1 or HTTP/2 each, or upstream what the client speaks. */
export const protocols: Arbitrary<Setup> = fc
  .record({
    client: maybe(45, one("h2c" as const)),
    hcmOptions: maybe(25, http2Options),
    upstream: maybe(30, one("h2c" as const)),
    cluster: maybe(25, clusterProtocol),
  })
  .map(({ client, hcmOptions, upstream, cluster }) => ({
    ...(client !== undefined && {
      client,
      hcm: {
        // A drain ends with the case and not before: how long that takes is left to the machine.
        drain_timeout: "600s",
        ...(hcmOptions !== undefined && { http2_protocol_options: hcmOptions }),
      },
    }),
    ...(upstream !== undefined && { upstream_protocol: upstream }),
    ...(cluster !== undefined && {
      cluster: {
        typed_extension_protocol_options: {
          [HTTP_OPTIONS]: { "@type": `type.googleapis.com/${HTTP_OPTIONS}`, ...cluster },
        },
      },
    }),
  }));

/** Whether requests reach the cluster `up` over HTTP/2; those for other clusters do with `upstream_protocol` alone. */
export function isUpHttp2({ client, upstream_protocol, cluster }: Setup): boolean {
  if (cluster === undefined) return upstream_protocol !== undefined;
  const asDownstream = JSON.stringify(cluster).includes("use_downstream_protocol_config");
  return !asDownstream || client !== undefined;
}
