import { typeNameOfAny, unpack } from "@nuncio/api";
import type { TypedExtensionConfig } from "@nuncio/api/types/envoy/config/core/v3/extension_pb";
import type { Http1ProtocolOptions_HeaderKeyFormat } from "@nuncio/api/types/envoy/config/core/v3/protocol_pb";
import type { PreserveCaseFormatterConfig } from "@nuncio/api/types/envoy/extensions/http/header_formatters/preserve_case/v3/preserve_case_pb";
import type { HeaderKeyFormat, PreserveCaseOptions } from "@nuncio/codec";
import type { CompileContext } from "./context.ts";

const MESSAGE = "envoy.config.core.v3.Http1ProtocolOptions.HeaderKeyFormat";
const PRESERVE_CASE =
  "envoy.extensions.http.header_formatters.preserve_case.v3.PreserveCaseFormatterConfig";

/** Ways to write header names in HTTP/1. */
export const implemented = {
  [MESSAGE]: ["proper_case_words", "stateful_formatter"],
  [`${MESSAGE}.ProperCaseWords`]: "all",
  [PRESERVE_CASE]: "all",
} as const;

/** `header_key_format` as the codec's options. */
export function compileHeaderKeyFormat(
  message: Http1ProtocolOptions_HeaderKeyFormat | undefined,
  ctx: CompileContext,
): {
  readonly headerKeyFormat: HeaderKeyFormat;
  readonly preserveCase: PreserveCaseOptions | null;
} {
  const format = message?.headerFormat;
  return {
    headerKeyFormat: format?.case === "properCaseWords" ? "proper_case_words" : "lower_case",
    preserveCase:
      format?.case === "statefulFormatter" ? compilePreserveCase(format.value, ctx) : null,
  };
}

const PROPER_CASE = 1;

function compilePreserveCase(
  extension: TypedExtensionConfig,
  ctx: CompileContext,
): PreserveCaseOptions | null {
  const { typedConfig } = extension;
  const config = typedConfig === undefined ? undefined : unpack(typedConfig);
  if (config?.$typeName !== PRESERVE_CASE) {
    const type = typedConfig === undefined ? "" : typeNameOfAny(typedConfig);
    const text = `Didn't find a registered implementation for '${extension.name}' with type URL: '${type}'`;
    ctx.problems.error(extension, "typed_config", text);
    return null;
  }
  const { forwardReasonPhrase, formatterTypeOnEnvoyHeaders } =
    config as PreserveCaseFormatterConfig;
  return {
    forwardReasonPhrase,
    ownHeaders: formatterTypeOnEnvoyHeaders === PROPER_CASE ? "proper_case_words" : "lower_case",
  };
}
