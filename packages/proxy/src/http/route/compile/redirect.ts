import type { RedirectAction } from "@nuncio/api/types/envoy/config/route/v3/route_components_pb";
import type { CompileContext } from "../../../config/context.ts";
import { toByteString } from "../../../observe/format/byte-string.ts";
import { compileTextFormat } from "../../../observe/format/compile.ts";
import type { PathMatchConfig, PathRewriteConfig, RedirectConfig } from "../model.ts";
import { compileSubstitute } from "./substitute.ts";

/** By `RedirectResponseCode`. */
const STATUS = [301, 302, 303, 307, 308];

/** `RedirectAction` as plain data. */
export function compileRedirect(
  message: RedirectAction,
  match: PathMatchConfig | null,
  ctx: CompileContext,
): RedirectConfig {
  const { schemeRewriteSpecifier: scheme, pathRewriteSpecifier: path } = message;
  const pathRewrite = compilePathRewrite(path, ctx);
  if (pathRewrite?.prefix !== undefined && match?.template !== undefined) {
    const text = "Cannot use redirect.prefix_rewrite with path_match_policy";
    ctx.problems.error(message, "prefix_rewrite", text);
  }
  return {
    kind: "redirect",
    status: STATUS[message.responseCode]!,
    scheme:
      scheme.case === "schemeRedirect"
        ? toByteString(scheme.value)
        : scheme.value === true
          ? "https"
          : "",
    host: toByteString(message.hostRedirect),
    port: message.portRedirect,
    path: path.case === "pathRedirect" ? toByteString(path.value) : "",
    ...(pathRewrite !== null && { pathRewrite }),
    ...(path.case === "pathRewrite" &&
      path.value !== "" && {
        pathFormat: compileTextFormat(path.value, "", ctx, message, "path_rewrite"),
      }),
    stripQuery: message.stripQuery,
  };
}

function compilePathRewrite(
  specifier: RedirectAction["pathRewriteSpecifier"],
  ctx: CompileContext,
): PathRewriteConfig | null {
  switch (specifier.case) {
    case "prefixRewrite":
      return specifier.value === "" ? null : { prefix: toByteString(specifier.value) };
    case "regexRewrite":
      return { regex: compileSubstitute(specifier.value, ctx) };
    default:
      return null;
  }
}
