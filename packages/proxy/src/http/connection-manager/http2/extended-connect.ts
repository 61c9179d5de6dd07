import type { HeaderMap } from "@nuncio/codec";

/**
 * Filters and upstreams of HTTP/1 know a switch of protocols as `upgrade`; so an extended CONNECT (RFC 8441) becomes one on
 * its way in, as in Envoy.
 */
export function fromExtendedConnect(headers: HeaderMap): void {
  headers.method = "GET";
  headers.set("upgrade", headers.protocol);
  headers.set("connection", "upgrade");
  headers.protocol = "";
}

/** The answer to it: 101 is 200, and nothing is said of the connection. */
export function toExtendedConnect(headers: HeaderMap): void {
  if (headers.status === 101) headers.status = 200;
  headers.remove("upgrade");
  headers.remove("connection");
}
