import type { HeaderMap } from "@nuncio/codec";
import type { RouteTableConfig } from "../model.ts";

/**
 * What chooses the virtual host: the authority, or the header of `vhost_header`. Undefined without that header: there is no
 * virtual host then, not even the default one, as in Envoy.
 */
export function hostToMatch(
  { virtualHostHeader }: Pick<RouteTableConfig, "virtualHostHeader">,
  headers: HeaderMap,
): string | undefined {
  return virtualHostHeader === undefined ? headers.authority : headers.get(virtualHostHeader);
}
