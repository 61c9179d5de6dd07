import type { StringMatcher } from "@nuncio/api/types/envoy/type/matcher/v3/string_pb";
import type { TypedExtensionConfig } from "@nuncio/api/types/xds/core/v3/extension_pb";
import type { StringMatcher as XdsStringMatcher } from "@nuncio/api/types/xds/type/matcher/v3/string_pb";
import type { CompileContext } from "../../../config/context.ts";
import { toByteString } from "../../../observe/format/byte-string.ts";
import { compileRegex } from "../regex/compile-regex.ts";
import { buildFullMatch } from "../regex/safe-regex.ts";
import { lowerAscii } from "./ascii.ts";

/** `envoy.type.matcher.v3.StringMatcher` as plain data. Values are byte strings, lower case with `ignoreCase`. */
export interface StringMatcherConfig {
  readonly kind: "exact" | "prefix" | "suffix" | "contains" | "regex";
  readonly value: string;
  readonly ignoreCase: boolean;
}

/** Compiles a string matcher. A bad expression, and `ignore_case` beside one, are reported. */
export function compileStringMatcher(
  message: StringMatcher | XdsStringMatcher,
  ctx: CompileContext,
): StringMatcherConfig {
  const { matchPattern: pattern, ignoreCase } = message;
  switch (pattern.case) {
    case "exact":
    case "prefix":
    case "suffix":
    case "contains": {
      const value = toByteString(pattern.value);
      return { kind: pattern.case, value: ignoreCase ? lowerAscii(value) : value, ignoreCase };
    }
    case "safeRegex":
      if (ignoreCase)
        ctx.problems.error(message, "ignore_case", "ignore_case has no effect for safe_regex.");
      return { kind: "regex", value: compileRegex(pattern.value, ctx), ignoreCase: false };
    case "custom":
      refuseCustom(pattern.value, ctx);
      return { kind: "exact", value: "", ignoreCase: false };
    default:
      // Unset, which validate.rules refuse.
      return { kind: "exact", value: "", ignoreCase: false };
  }
}

/** None is there, and Envoy's own type is refused by the table of implemented fields. */
function refuseCustom(extension: TypedExtensionConfig, ctx: CompileContext): void {
  const { name, typedConfig } = extension;
  const url = typedConfig?.typeUrl ?? "";
  const type = url.slice(url.lastIndexOf("/") + 1);
  if (type.startsWith("envoy.")) return;
  const text = `Didn't find a registered implementation for '${name}' with type URL: '${type}'`;
  ctx.problems.error(extension, "typed_config", text);
}

/** The test of a byte string. */
export function buildStringMatcher(config: StringMatcherConfig): (text: string) => boolean {
  const { value } = config;
  if (config.ignoreCase) {
    const matches = buildStringMatcher({ ...config, ignoreCase: false });
    return (text) => matches(lowerAscii(text));
  }
  switch (config.kind) {
    case "exact":
      return (text) => text === value;
    case "prefix":
      return (text) => text.startsWith(value);
    case "suffix":
      return (text) => text.endsWith(value);
    case "contains":
      return (text) => text.includes(value);
    case "regex":
      return buildFullMatch(value);
  }
}
