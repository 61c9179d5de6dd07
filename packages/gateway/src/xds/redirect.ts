import type { RedirectAction } from "@nuncio/api/types/envoy/config/route/v3/route_components_pb";
import type { IrPathMatch, IrRedirect } from "../ir/route.ts";
import type { Field, Init } from "./message.ts";
import { prefixChange } from "./path-change.ts";

/** `RedirectAction.RedirectResponseCode` */
const RESPONSE_CODES = { 301: 0, 302: 1, 303: 2, 307: 3, 308: 4 } as const;

/** An answer that sends the client elsewhere. The query goes along. */
export function redirectAction(redirect: IrRedirect, match: IrPathMatch): Init<RedirectAction> {
  const { statusCode, scheme, hostname, port, path } = redirect;
  return {
    responseCode: RESPONSE_CODES[statusCode],
    ...(scheme === undefined
      ? {}
      : { schemeRewriteSpecifier: { case: "schemeRedirect", value: scheme } }),
    ...(hostname === undefined ? {} : { hostRedirect: hostname }),
    ...(port === undefined ? {} : { portRedirect: port }),
    ...(path === undefined ? {} : { pathRewriteSpecifier: pathOf(redirect, match) }),
  };
}

function pathOf(
  { path }: IrRedirect,
  match: IrPathMatch,
): Field<RedirectAction, "pathRewriteSpecifier"> {
  if (path === undefined) return { case: undefined };
  if (path.kind === "full") return { case: "pathRedirect", value: path.value };
  const change = prefixChange(match, path);
  return "prefix" in change
    ? { case: "prefixRewrite", value: change.prefix }
    : { case: "regexRewrite", value: change.regex };
}
