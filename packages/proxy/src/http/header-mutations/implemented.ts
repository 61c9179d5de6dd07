/** Messages and fields of header edits that are implemented. `HeaderValue.raw_value` has no effect, as in Envoy. */
export const implemented = {
  "envoy.config.core.v3.HeaderValueOption": [
    "header",
    "append",
    "append_action",
    "keep_empty_value",
  ],
  "envoy.config.core.v3.HeaderValue": "all",
  "envoy.config.common.mutation_rules.v3.HeaderMutation": ["remove", "append", "remove_on_match"],
  "envoy.config.common.mutation_rules.v3.HeaderMutation.RemoveOnMatch": ["key_matcher"],
  "envoy.config.core.v3.KeyValueMutation": ["append", "remove"],
  "envoy.config.core.v3.KeyValueAppend": ["record", "action"],
  "envoy.config.core.v3.KeyValuePair": ["key", "value"],
  "google.protobuf.Value": "all",
} as const;
