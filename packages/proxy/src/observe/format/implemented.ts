/** Messages and fields of formats that are implemented; formatter extensions without fields stand with none. */
export const implemented = {
  "envoy.config.core.v3.SubstitutionFormatString": [
    "text_format",
    "json_format",
    "text_format_source",
    "omit_empty_values",
    "content_type",
    "formatters",
    "json_format_options",
  ],
  "envoy.config.core.v3.JsonFormatOptions": ["sort_properties"],
  "envoy.config.core.v3.DataSource": [
    "filename",
    "inline_bytes",
    "inline_string",
    "environment_variable",
  ],
  "envoy.config.core.v3.TypedExtensionConfig": ["name", "typed_config"],
  "envoy.extensions.formatter.req_without_query.v3.ReqWithoutQuery": [],
  "envoy.extensions.formatter.metadata.v3.Metadata": [],
  "envoy.extensions.formatter.file_content.v3.FileContent": [],
  "envoy.extensions.formatter.cel.v3.Cel": ["cel_config"],
  "envoy.config.core.v3.CelExpressionConfig": "all",
  "google.protobuf.Struct": "all",
} as const;
