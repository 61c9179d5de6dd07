import type { HeaderMap } from "@nuncio/codec";
import { appendHeader, overwriteHeader } from "../../header-mutations/header-lines.ts";
import type { Verdict } from "./verdict.ts";

type Allowed = Extract<Verdict, { readonly kind: "ok" }>;

/** Whether the request may take another route with what the service says. */
export function changesRequest({ set, append, remove }: Allowed): boolean {
  return set.length + append.length + remove.length > 0;
}

/** What the service wants to have different about the request. Without its Host it would be none. */
export function applyToRequest({ set, append, remove }: Allowed, headers: HeaderMap): void {
  for (const [name, value] of set) overwriteHeader(headers, name, value);
  for (const [name, value] of append) appendHeader(headers, name, value);
  for (const name of remove) if (!name.startsWith(":") && name !== "host") headers.remove(name);
}
