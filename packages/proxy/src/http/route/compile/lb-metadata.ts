import type { Metadata } from "@nuncio/api/types/envoy/config/core/v3/base_pb";

/** Metadata for the load balancer: `filter_metadata["envoy.lb"]`; null when there is none. */
export function lbMetadata(
  metadata: Metadata | undefined,
): { readonly [key: string]: unknown } | null {
  return metadata?.filterMetadata["envoy.lb"] ?? null;
}
