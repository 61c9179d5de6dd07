import type { HeaderMap } from "@nuncio/codec";
import type { FormatClock } from "../../../observe/format/command.ts";
import { buildFormatter } from "../../../observe/format/formatter.ts";
import type { FormatContext } from "../../../observe/stream-info.ts";
import { lowerAscii } from "../matchers/ascii.ts";
import type { PathMatchConfig, PathRewriteConfig } from "../model.ts";
import { buildSubstitute } from "../regex/substitute.ts";
import { pathOnly } from "./path-to-match.ts";

/** The new `:path` for an old one, query included; null when it stays. */
export type PathRewrite = (path: string, context: FormatContext) => string | null;

/** Null when nothing is rewritten. What `match` took is replaced by a prefix; an expression sees the whole path. */
export function buildPathRewrite(
  config: PathRewriteConfig | undefined,
  match: PathMatchConfig,
  clock: FormatClock,
): PathRewrite | null {
  if (config === undefined) return null;
  const { prefix, regex, format } = config;
  if (format !== undefined) {
    const formatter = buildFormatter(format, clock);
    return (path, context) => {
      const rewritten = formatter.text(context);
      return rewritten === "" ? null : rewritten + path.slice(pathOnly(path).length);
    };
  }
  if (regex !== undefined) {
    const substitute = buildSubstitute(regex);
    return (path) => {
      const plain = pathOnly(path);
      const rewritten = substitute(plain);
      // Envoy leaves a path alone that would become empty.
      return rewritten === "" ? null : rewritten + path.slice(plain.length);
    };
  }
  if (prefix === undefined) return null;
  if (match.kind === "regex") return (path) => prefix + path.slice(pathOnly(path).length);
  const { length } = match.value;
  // A route that looks past path parameters may take a path that does not begin so: that one stays, as in Envoy.
  return (path) => (beginsWith(path, match) ? prefix + path.slice(length) : null);
}

function beginsWith(path: string, { value, ignoreCase }: PathMatchConfig): boolean {
  if (ignoreCase !== true) return path.startsWith(value);
  return lowerAscii(path.slice(0, value.length)) === value;
}

/** Rewrites `:path`; with `insertOriginal` the old one is kept in `x-envoy-original-path`. */
export function rewritePath(
  headers: HeaderMap,
  rewrite: PathRewrite,
  context: FormatContext,
  insertOriginal: boolean,
): void {
  const path = rewrite(headers.path, context);
  if (path === null) return;
  if (insertOriginal) headers.set("x-envoy-original-path", headers.path);
  headers.path = path;
}
