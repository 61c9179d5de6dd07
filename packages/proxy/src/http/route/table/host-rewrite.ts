import type { HeaderMap } from "@nuncio/codec";
import type { FormatClock } from "../../../observe/format/command.ts";
import { buildFormatter } from "../../../observe/format/formatter.ts";
import type { FormatContext } from "../../../observe/stream-info.ts";
import type { HostRewriteConfig } from "../model.ts";
import { buildSubstitute } from "../regex/substitute.ts";
import { pathOnly } from "./path-to-match.ts";

/** The new Host of a request; null when it stays. */
export type HostRewrite = (headers: HeaderMap, context: FormatContext) => string | null;

/** Null when nothing is rewritten here; `auto_host_rewrite` is the router's, who knows the host. */
export function buildHostRewrite(
  config: HostRewriteConfig | undefined,
  clock: FormatClock,
): HostRewrite | null {
  switch (config?.kind) {
    case "literal": {
      const { value } = config;
      return () => value;
    }
    case "header": {
      const { name } = config;
      // A client may send it: only its first line counts.
      return (headers) => headers.get(name) || null;
    }
    case "path_regex": {
      const substitute = buildSubstitute(config.substitute);
      // As in Envoy: one that comes to nothing leaves the Host.
      return (headers) => substitute(pathOnly(headers.path)) || null;
    }
    case "format": {
      const formatter = buildFormatter(config.plan, clock);
      return (_headers, context) => formatter.text(context);
    }
    case "auto":
    case undefined:
      return null;
  }
}

/**
 * Replaces the Host. `x-envoy-original-host` (with `insertOriginal`) has the old one, and so does
 * `x-forwarded-host` (with `appendForwarded`), unless that is the last of its values already.
 */
export function rewriteHost(
  headers: HeaderMap,
  host: string,
  appendForwarded: boolean,
  insertOriginal: boolean,
): void {
  const original = headers.authority;
  if (insertOriginal && original !== "") headers.set("x-envoy-original-host", original);
  if (appendForwarded && original !== "") appendForwardedHost(headers, original);
  headers.authority = host;
}

function appendForwardedHost(headers: HeaderMap, host: string): void {
  const values = headers.getAll("x-forwarded-host").join(",");
  if (values.slice(values.lastIndexOf(",") + 1) === host) headers.set("x-forwarded-host", values);
  else headers.set("x-forwarded-host", values === "" ? host : `${values},${host}`);
}
