import type { TypedExtensionConfig } from "@nuncio/api/types/envoy/config/core/v3/extension_pb";
import type { RouteAction } from "@nuncio/api/types/envoy/config/route/v3/route_components_pb";
import type { UriTemplateRewriteConfig } from "@nuncio/api/types/envoy/extensions/path/rewrite/uri_template/v3/uri_template_rewrite_pb";
import type { CompileContext } from "../../../config/context.ts";
import { toByteString } from "../../../observe/format/byte-string.ts";
import { compileTextFormat } from "../../../observe/format/compile.ts";
import type { PathMatchConfig, PathRewriteConfig } from "../model.ts";
import { extensionMessage } from "./extension-message.ts";
import { compileSubstitute } from "./substitute.ts";
import { parseRewriteTemplate, parseUriTemplate, type UriTemplate } from "./uri-template.ts";

const TEMPLATE_REWRITE = "envoy.extensions.path.rewrite.uri_template.v3.UriTemplateRewriteConfig";
const ONE_ONLY = "Specify only one of prefix_rewrite, regex_rewrite or path_rewrite_policy";

/** What a route makes of the path; null for nothing. `match` is the route's own. */
export function compilePathRewrite(
  message: RouteAction,
  match: PathMatchConfig | null,
  ctx: CompileContext,
): PathRewriteConfig | null {
  const { prefixRewrite, regexRewrite, pathRewritePolicy, pathRewrite } = message;
  const fields = [
    prefixRewrite !== "" && "prefix_rewrite",
    regexRewrite !== undefined && "regex_rewrite",
    pathRewritePolicy !== undefined && "path_rewrite_policy",
    pathRewrite !== "" && "path_rewrite",
  ].filter((field) => field !== false);
  if (fields.length > 1) ctx.problems.error(message, fields.at(-1), ONE_ONLY);
  if (pathRewritePolicy !== undefined) return compileTemplate(pathRewritePolicy, match, ctx);
  if (prefixRewrite !== "") {
    if (match?.template !== undefined)
      ctx.problems.error(
        message,
        "prefix_rewrite",
        "Cannot use prefix_rewrite with matcher extension",
      );
    return { prefix: toByteString(prefixRewrite) };
  }
  if (pathRewrite !== "")
    return { format: compileTextFormat(pathRewrite, "", ctx, message, "path_rewrite") };
  return regexRewrite === undefined ? null : { regex: compileSubstitute(regexRewrite, ctx) };
}

/** A rewrite by template is a substitution in what the template of the match is made of. */
function compileTemplate(
  extension: TypedExtensionConfig,
  match: PathMatchConfig | null,
  ctx: CompileContext,
): PathRewriteConfig | null {
  const message = extensionMessage(
    extension,
    TEMPLATE_REWRITE,
    ctx,
  ) as UriTemplateRewriteConfig | null;
  if (message === null) return null;
  const field = "path_template_rewrite";
  const template = message.pathTemplateRewrite;
  const matched = templateOf(match);
  if (matched === null) {
    const text =
      "unable to use envoy.path.rewrite.uri_template.uri_template_rewriter extension without envoy.path.match.uri_template.uri_template_matcher extension";
    ctx.problems.error(message, field, text);
    return null;
  }
  const parsed = parseRewriteTemplate(template, matched.variables);
  if (typeof parsed === "object")
    return { regex: { pattern: `^${matched.pattern}$`, substitution: parsed.substitution } };
  const text =
    parsed === "unknown"
      ? `mismatch between variables in path_match_policy ${match?.template} and path_rewrite_policy ${template}`
      : `path_rewrite_policy.path_template_rewrite ${template} is invalid`;
  // validate.rules refuse an empty one.
  if (template !== "") ctx.problems.error(message, field, text);
  return null;
}

function templateOf(match: PathMatchConfig | null): UriTemplate | null {
  if (match?.template === undefined) return null;
  const parsed = parseUriTemplate(match.template);
  return "error" in parsed ? null : parsed;
}
