import type { HeaderMap } from "@nuncio/codec";

/** A request for another protocol, as HTTP/2 says it: an extended CONNECT (RFC 8441). The given one stays as it is. */
export function toExtendedConnect(headers: HeaderMap, upgrade: string): HeaderMap {
  const connect = headers.clone();
  connect.method = "CONNECT";
  connect.protocol = upgrade;
  connect.remove("upgrade");
  connect.remove("connection");
  if (connect.get("content-length") === "0") connect.remove("content-length");
  return connect;
}

/** Its answer, as HTTP/1 says it: 101. */
export function fromExtendedConnect(headers: HeaderMap, upgrade: string): void {
  headers.status = 101;
  headers.set("upgrade", upgrade);
  headers.set("connection", "upgrade");
}
