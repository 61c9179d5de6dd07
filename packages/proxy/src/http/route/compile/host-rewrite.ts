import type { RouteAction } from "@nuncio/api/types/envoy/config/route/v3/route_components_pb";
import { requestHeaderKey } from "@nuncio/codec";
import type { CompileContext } from "../../../config/context.ts";
import { toByteString } from "../../../observe/format/byte-string.ts";
import { compileTextFormat } from "../../../observe/format/compile.ts";
import type { HostRewriteConfig } from "../model.ts";
import { compileSubstitute } from "./substitute.ts";

/** What a route makes of the Host; null for nothing. */
export function compileHostRewrite(
  message: RouteAction,
  ctx: CompileContext,
): HostRewriteConfig | null {
  const { hostRewriteSpecifier: specifier } = message;
  switch (specifier.case) {
    case "hostRewriteLiteral":
      return specifier.value === ""
        ? null
        : { kind: "literal", value: toByteString(specifier.value) };
    case "hostRewriteHeader":
      return specifier.value === ""
        ? null
        : { kind: "header", name: requestHeaderKey(specifier.value) };
    case "hostRewritePathRegex":
      return { kind: "path_regex", substitute: compileSubstitute(specifier.value, ctx) };
    case "hostRewrite":
      if (specifier.value === "") return null;
      // What is absent is a hyphen here, and nothing in `path_rewrite`, as in Envoy.
      return {
        kind: "format",
        plan: compileTextFormat(specifier.value, "-", ctx, message, "host_rewrite"),
      };
    case "autoHostRewrite":
      return specifier.value ? { kind: "auto" } : null;
    default:
      return null;
  }
}
