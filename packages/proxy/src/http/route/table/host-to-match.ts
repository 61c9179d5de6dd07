import type { HeaderMap } from "@nuncio/codec";
import type { RouteTableConfig } from "../model.ts";

/**
 * What chooses the virtual host: the authority, or the header of `vhost_header`; undefined without that header.
 */
export function hostToMatch(
  { virtualHostHeader }: Pick<RouteTableConfig, "virtualHostHeader">,
  headers: HeaderMap,
): string | undefined {
  return virtualHostHeader === undefined ? headers.authority : headers.get(virtualHostHeader);
}
