import { GRPC_STATUS_NAMES, grpcStatusOfHttp, type HeaderMap } from "@nuncio/codec";

/** Codes of gRPC that streams are ended with here. */
export const GrpcCode = {
  Ok: 0,
  Unknown: 2,
  InvalidArgument: 3,
  ResourceExhausted: 8,
  FailedPrecondition: 9,
  Internal: 13,
  Unavailable: 14,
} as const;

/** `Unavailable: try another` */
export function grpcFailure(code: number, message: string): string {
  return `${GRPC_STATUS_NAMES[code]?.[0] ?? code}: ${message}`;
}

/** What the status of trailers, or of a response that is nothing else, says is wrong; null: nothing is. */
export function problemOfTrailers(trailers: HeaderMap): string | null {
  const status = trailers.get("grpc-status");
  if (status === undefined)
    return grpcFailure(GrpcCode.Internal, "the response ended without grpc-status");
  if (status === "0") return null;
  if (!/^\d{1,2}$/.test(status) || GRPC_STATUS_NAMES[Number(status)] === undefined)
    return grpcFailure(GrpcCode.Internal, `invalid grpc-status: ${status}`);
  return grpcFailure(Number(status), decodeMessage(trailers.get("grpc-message") ?? ""));
}

/** Why the head of a response with content is not one of gRPC; null: it is. */
export function problemOfHead(headers: HeaderMap): string | null {
  const { status } = headers;
  if (status !== 200) return grpcFailure(grpcStatusOfHttp(status), `HTTP ${status}`);
  const type = headers.get("content-type") ?? "";
  if (/^application\/grpc(\+proto)?(;|$)/i.test(type)) return null;
  const seen = type === "" ? "none" : type;
  return grpcFailure(GrpcCode.Unknown, `expected content type application/grpc, got ${seen}`);
}

/** Percent-encoded UTF-8 (gRPC over HTTP/2, "Responses"); what is no escape stays as it is. */
function decodeMessage(text: string): string {
  const bytes = text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(bytes, "latin1").toString();
}
