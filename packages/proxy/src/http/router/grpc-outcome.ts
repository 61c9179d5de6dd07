import type { HeaderMap } from "@nuncio/codec";

/** gRPC codes whose HTTP status is below 500 (Envoy's `grpcToHttpStatus`): to blame is the sender, not the host. */
const NOT_THE_HOSTS: ReadonlySet<string> = new Set(
  [0, 1, 3, 5, 6, 7, 8, 9, 10, 11, 16].map((code) => String(code)),
);

/** Whether the head or the trailers of a gRPC response speak for its host; without a status they do not. */
export function grpcSucceeded(headers: HeaderMap): boolean {
  const status = headers.get("grpc-status");
  return status !== undefined && NOT_THE_HOSTS.has(status);
}
