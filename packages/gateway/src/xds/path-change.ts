import type { RegexMatchAndSubstitute } from "@nuncio/api/types/envoy/type/matcher/v3/regex_pb";
import type { IrPathChange, IrPathMatch } from "../ir/route.ts";
import type { Init } from "./message.ts";
import { prefixSegments } from "./route-match.ts";

/** How Envoy changes a path: by putting something in the place of the prefix that matched, or by a pattern. */
export type PathRewrite =
  | { readonly prefix: string }
  | { readonly regex: Init<RegexMatchAndSubstitute> };

/** Another prefix in the place of the one that matched, as Gateway API counts slashes: none twice, none lost. */
export function prefixChange(match: IrPathMatch, { value }: IrPathChange): PathRewrite {
  const from = match.kind === "prefix" ? prefixSegments(match.value) : match.value;
  const to = prefixSegments(value);
  // Envoy takes "/" itself away, and the path goes on without it.
  if (from === "") return { prefix: `${to}/` };
  if (to !== "") return { prefix: to };
  // A prefix that goes without another one in its place leaves the slash behind it, if there is one.
  return { regex: { pattern: { regex: `^${escapeRegex(from)}/*` }, substitution: "/" } };
}

/** The whole path, without what follows a question mark. */
export function fullChange({ value }: IrPathChange): PathRewrite {
  return {
    regex: { pattern: { regex: "^/.*$" }, substitution: value.replaceAll("\\", "\\\\") },
  };
}

function escapeRegex(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
