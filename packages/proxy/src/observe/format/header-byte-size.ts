import type { HeaderMap } from "@nuncio/codec";

/** Names and values, pseudo headers included, nothing between them. */
export function headerByteSize(headers: HeaderMap | null): number {
  if (headers === null) return 0;
  let size = 0;
  for (const text of headers.entries) size += text.length;
  if (headers.method !== "") size += ":method".length + headers.method.length;
  if (headers.scheme !== "") size += ":scheme".length + headers.scheme.length;
  if (headers.authority !== "") size += ":authority".length + headers.authority.length;
  if (headers.path !== "") size += ":path".length + headers.path.length;
  if (headers.status !== 0) size += ":status".length + 3;
  return size;
}
