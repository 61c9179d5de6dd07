import { GRPC_STATUS_NAMES, grpcStatusOfHttp, type HeaderMap } from "@nuncio/codec";
import type { FormatContext } from "../stream-info.ts";

/** A status header that is no number. */
const INVALID_GRPC_STATUS = -1;

/** `CAMEL_STRING` or `SNAKE_STRING` of a code; codes without a name as their number. */
export function grpcStatusText(code: number, form: "CAMEL_STRING" | "SNAKE_STRING"): string {
  return GRPC_STATUS_NAMES[code]?.[form === "CAMEL_STRING" ? 0 : 1] ?? String(code);
}

/**
 * The gRPC status of a stream: of the trailers, else of the response headers (trailers-only), else what the HTTP
 * status maps to. Null when there is no response.
 */
export function grpcStatusOf(context: FormatContext): number | null {
  const header =
    context.responseTrailers?.get("grpc-status") || context.responseHeaders?.get("grpc-status");
  if (header) return /^[0-9]{1,15}$/.test(header) ? Number(header) : INVALID_GRPC_STATUS;
  const { responseCode } = context.streamInfo;
  return responseCode === 0 ? null : grpcStatusOfHttp(responseCode);
}

/** Whether a request is gRPC, by its content type: `application/grpc`, alone or followed by `+`. */
export function isGrpcRequest(headers: HeaderMap | null): boolean {
  const type = headers?.get("content-type");
  if (type === undefined || !type.startsWith(GRPC_TYPE)) return false;
  return type.length === GRPC_TYPE.length || type[GRPC_TYPE.length] === "+";
}

const GRPC_TYPE = "application/grpc";
