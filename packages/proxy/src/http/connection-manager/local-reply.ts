import { encodeGrpcMessage, grpcStatusOfHttp, type HeaderMap } from "@nuncio/codec";
import type { RewrittenReply } from "./local-reply-rewriter.ts";

/**
 * Completes the head of a reply made here, whose status and further headers are there already; returns its body, or null
 * when it has none. `body` is a byte string, `rewritten` what `local_reply_config` made of it. A gRPC request is answered
 * as gRPC wants it: status 200, the outcome in `grpc-status` and `grpc-message` (Envoy's Utility::prepareLocalReply).
 */
export function completeLocalReply(
  headers: HeaderMap,
  request: HeaderMap | null,
  grpc: boolean,
  body: string,
  rewritten: RewrittenReply | null = null,
): Buffer | null {
  const data = rewritten?.body ?? Buffer.from(body, "latin1");
  if (grpc) {
    completeGrpcReply(headers, request?.method === "HEAD" ? NOTHING : grpcMessage(data, rewritten));
    return null;
  }
  if (data.length === 0) {
    headers.remove("content-length");
    headers.remove("content-type");
    return null;
  }
  headers.set("content-length", String(data.length));
  if (!headers.get("content-type") || rewritten?.replacesType === true) {
    headers.set("content-type", rewritten?.contentType ?? "text/plain");
  }
  return request?.method === "HEAD" ? null : data;
}

function completeGrpcReply(headers: HeaderMap, message: Buffer): void {
  const status = grpcStatusOfHttp(headers.status);
  headers.status = 200;
  headers.set("content-type", "application/grpc");
  if (!headers.get("grpc-status")) headers.set("grpc-status", String(status));
  if (message.length > 0) headers.set("grpc-message", encodeGrpcMessage(message));
  headers.remove("content-length");
}

const NOTHING = Buffer.alloc(0);
const LINE_END = 10;

/** The line end of a JSON text is no part of a message. */
function grpcMessage(data: Buffer, rewritten: RewrittenReply | null): Buffer {
  const line = rewritten?.contentType === "application/json" && data.at(-1) === LINE_END;
  return line ? data.subarray(0, -1) : data;
}

/** Makes a reply to a gRPC request DEADLINE_EXCEEDED, which its HTTP status would not say. */
export function setDeadlineExceeded(headers: HeaderMap): void {
  headers.set("content-type", "application/grpc");
  headers.set("grpc-status", "4");
}
