import fc, { type Arbitrary } from "fast-check";
import type { Config } from "../../diff/config-value.ts";
import { extension, flag, maybe, message, one } from "./fields.ts";
import { headersToAdd } from "./header-edits.ts";
import { mutations } from "./http-filters.ts";
import { headerMatcher } from "./matchers.ts";

const ORIGINAL_IP = "envoy.extensions.http.original_ip_detection";
const EARLY = "envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation";
const PRESERVE_CASE =
  "envoy.extensions.http.header_formatters.preserve_case.v3.PreserveCaseFormatterConfig";
const REQUEST_ID = "envoy.extensions.request_id.uuid.v3.UuidRequestIdConfig";

/** What is done to paths and hosts before anything else sees them. */
const normalization: Arbitrary<Config> = message({
  normalize_path: maybe(35, flag),
  merge_slashes: maybe(30, flag),
  path_with_escaped_slashes_action: maybe(
    30,
    one(
      "KEEP_UNCHANGED",
      "REJECT_REQUEST",
      "UNESCAPE_AND_REDIRECT",
      "UNESCAPE_AND_FORWARD",
      "IMPLEMENTATION_SPECIFIC_DEFAULT",
    ),
  ),
  strip_trailing_host_dot: maybe(15, flag),
});

/** Only one of the two may be set. */
const stripPort: Arbitrary<Config> = fc.oneof(
  { weight: 8, arbitrary: fc.constant({}) },
  { weight: 1, arbitrary: message({ strip_matching_host_port: flag }) },
  { weight: 1, arbitrary: message({ strip_any_host_port: flag }) },
);

const address: Arbitrary<Config> = message({
  use_remote_address: maybe(35, flag),
  xff_num_trusted_hops: maybe(20, one(0, 1, 2)),
  skip_xff_append: maybe(15, flag),
  append_x_forwarded_port: maybe(10, flag),
  internal_address_config: maybe(
    15,
    message({
      cidr_ranges: fc.constant([
        { address_prefix: "127.0.0.0", prefix_len: 8 },
        { address_prefix: "10.0.0.0", prefix_len: 8 },
      ]),
    }),
  ),
  original_ip_detection_extensions: maybe(
    5,
    fc.array(
      fc.oneof(
        extension(
          `${ORIGINAL_IP}.xff.v3.XffConfig`,
          message({ xff_num_trusted_hops: maybe(50, one(0, 1)), skip_xff_append: maybe(50, flag) }),
        ),
        extension(
          `${ORIGINAL_IP}.custom_header.v3.CustomHeaderConfig`,
          message({
            header_name: one("x-a", "x-real-ip"),
            allow_extension_to_set_address_as_trusted: maybe(50, flag),
          }),
        ),
      ),
      { minLength: 1, maxLength: 2 },
    ),
  ),
}).map((options) =>
  // Envoy allows no mixture of the two.
  options["original_ip_detection_extensions"] === undefined
    ? options
    : { ...options, use_remote_address: false },
);

/** What is certain: the others would be chance. */
const percent = message({ value: one(0, 100) });

const identity: Arbitrary<Config> = message({
  generate_request_id: maybe(15, flag),
  preserve_external_request_id: maybe(20, flag),
  always_set_request_id_in_response: maybe(15, flag),
  request_id_extension: maybe(
    6,
    message({
      typed_config: fc.record({
        "@type": one(`type.googleapis.com/${REQUEST_ID}`),
        pack_trace_reason: flag,
      }),
    }),
  ),
  add_user_agent: maybe(10, flag),
  via: maybe(15, one("v1", "1.1 p")),
  forward_client_cert_details: maybe(
    8,
    one("SANITIZE", "FORWARD_ONLY", "APPEND_FORWARD", "SANITIZE_SET", "ALWAYS_FORWARD_ONLY"),
  ),
  tracing: maybe(
    6,
    message({
      client_sampling: maybe(50, percent),
      random_sampling: maybe(50, percent),
      overall_sampling: maybe(50, percent),
    }),
  ),
  server_name: maybe(15, one("srv", "")),
  server_header_transformation: maybe(20, one("OVERWRITE", "APPEND_IF_ABSENT", "PASS_THROUGH")),
  scheme_header_transformation: maybe(
    10,
    fc.oneof(
      message({ scheme_to_overwrite: one("http", "https") }),
      message({ match_upstream: flag }),
    ),
  ),
  proxy_status_config: maybe(
    8,
    message({
      remove_details: maybe(40, flag),
      remove_response_flags: maybe(40, flag),
      set_recommended_response_code: maybe(40, flag),
      literal_proxy_name: maybe(40, one("me")),
    }),
  ),
});

const protocol: Arbitrary<Config> = message({
  common_http_protocol_options: maybe(
    20,
    message({
      headers_with_underscores_action: maybe(70, one("ALLOW", "REJECT_REQUEST", "DROP_HEADER")),
      max_headers_count: maybe(10, one(50)),
      max_requests_per_connection: maybe(10, one(1, 2)),
    }),
  ),
  http_protocol_options: maybe(
    20,
    message({
      accept_http_10: maybe(50, flag),
      default_host_for_http_10: maybe(30, one("a.test", "ten.test")),
      allow_absolute_url: maybe(30, flag),
      enable_trailers: maybe(30, flag),
      header_key_format: maybe(
        20,
        one<Config>(
          { proper_case_words: {} },
          {
            stateful_formatter: {
              name: "p",
              typed_config: { "@type": `type.googleapis.com/${PRESERVE_CASE}` },
            },
          },
        ),
      ),
    }),
  ),
  upgrade_configs: maybe(
    6,
    fc.array(
      message({ upgrade_type: one("websocket", "foo", "CONNECT"), enabled: maybe(30, flag) }),
      { minLength: 1, maxLength: 1 },
    ),
  ),
  stream_error_on_invalid_http_message: maybe(8, flag),
});

const bodyFormat: Arbitrary<Config> = fc.oneof(
  message({
    text_format_source: message({
      inline_string: one("%LOCAL_REPLY_BODY%|%RESPONSE_CODE%", "%REQ(:PATH)% %REQ(X-A)%\n", "t"),
    }),
    content_type: maybe(30, one("text/html")),
  }),
  message({
    json_format: fc.constant({
      code: "%RESPONSE_CODE%",
      body: "%LOCAL_REPLY_BODY%",
      a: "%REQ(X-A)%",
    }),
  }),
);

const logFilter: Arbitrary<Config> = fc.oneof(
  message({
    status_code_filter: message({
      comparison: message({
        op: one("EQ", "GE", "LE"),
        value: message({ default_value: one(200, 400, 404, 503), runtime_key: one("none") }),
      }),
    }),
  }),
  message({ header_filter: message({ header: headerMatcher }) }),
  message({ response_flag_filter: message({ flags: fc.constant(["NR", "NC"]) }) }),
);

const localReply: Arbitrary<Config> = message({
  mappers: maybe(
    70,
    fc.array(
      message({
        filter: logFilter,
        status_code: maybe(50, one(200, 418, 503)),
        body: maybe(50, message({ inline_string: one("mapped", "%RESPONSE_CODE%") })),
        headers_to_add: maybe(40, headersToAdd),
        body_format_override: maybe(30, bodyFormat),
      }),
      { minLength: 1, maxLength: 2 },
    ),
  ),
  body_format: maybe(50, bodyFormat),
});

/** Fields of the HTTP connection manager that are about requests; most cases have few of them. */
export const hcmOptions: Arbitrary<Config> = fc
  .tuple(
    normalization,
    stripPort,
    address,
    identity,
    protocol,
    message({
      local_reply_config: maybe(12, localReply),
      early_header_mutation_extensions: maybe(
        6,
        fc.tuple(extension(EARLY, message({ mutations: mutations() }))),
      ),
    }),
  )
  .chain((groups) =>
    // Each group alone, or together with others: a difference is easier to meet where few things interfere.
    fc
      .subarray(groups, { minLength: 0, maxLength: groups.length })
      .map((chosen) => Object.assign({}, ...chosen) as Config),
  );
