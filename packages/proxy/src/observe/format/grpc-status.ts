import type { HeaderMap } from "@nuncio/codec";
import type { FormatContext } from "../stream-info.ts";

/** By code: the camel and the snake spelling of the gRPC status codes. */
const NAMES: readonly (readonly [camel: string, snake: string])[] = [
  ["OK", "OK"],
  ["Canceled", "CANCELLED"],
  ["Unknown", "UNKNOWN"],
  ["InvalidArgument", "INVALID_ARGUMENT"],
  ["DeadlineExceeded", "DEADLINE_EXCEEDED"],
  ["NotFound", "NOT_FOUND"],
  ["AlreadyExists", "ALREADY_EXISTS"],
  ["PermissionDenied", "PERMISSION_DENIED"],
  ["ResourceExhausted", "RESOURCE_EXHAUSTED"],
  ["FailedPrecondition", "FAILED_PRECONDITION"],
  ["Aborted", "ABORTED"],
  ["OutOfRange", "OUT_OF_RANGE"],
  ["Unimplemented", "UNIMPLEMENTED"],
  ["Internal", "INTERNAL"],
  ["Unavailable", "UNAVAILABLE"],
  ["DataLoss", "DATA_LOSS"],
  ["Unauthenticated", "UNAUTHENTICATED"],
];

/** A status header that is no number. */
const INVALID_GRPC_STATUS = -1;

/** `CAMEL_STRING` or `SNAKE_STRING` of a code; codes without a name as their number. */
export function grpcStatusText(code: number, form: "CAMEL_STRING" | "SNAKE_STRING"): string {
  return NAMES[code]?.[form === "CAMEL_STRING" ? 0 : 1] ?? String(code);
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

/** gRPC over HTTP/2, section "HTTP to gRPC status code mapping". */
export function grpcStatusOfHttp(status: number): number {
  switch (status) {
    case 400:
      return 13;
    case 401:
      return 16;
    case 403:
      return 7;
    case 404:
      return 12;
    case 429:
    case 502:
    case 503:
    case 504:
      return 14;
    default:
      return 2;
  }
}

const GRPC_TYPE = "application/grpc";
