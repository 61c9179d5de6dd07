export type { ByteSink, CodecError, MessageCallbacks } from "./callbacks.ts";
export { type CapsuleError, datagramPrefix, DatagramReader } from "./capsule/datagrams.ts";
export {
  GRPC_FRAME_HEAD_BYTES,
  grpcFrameAround,
  grpcFrameOf,
  writeGrpcFrameHead,
} from "./grpc/frame.ts";
export { type GrpcFrameError, GrpcFrameReader } from "./grpc/frame-reader.ts";
export { encodeGrpcMessage } from "./grpc/message.ts";
export { GRPC_STATUS_NAMES, grpcStatusOfHttp } from "./grpc/status.ts";
export { HeaderMap } from "./header-map.ts";
export { type ClientCallbacks, Http1ClientCodec } from "./http1/client-codec.ts";
export { Http1Error } from "./http1/errors.ts";
export { stripForUpgrade, stripHopByHop } from "./http1/hop-by-hop.ts";
export {
  DEFAULT_HTTP1_OPTIONS,
  type HeaderKeyFormat,
  type HeadersWithUnderscoresAction,
  http1Options,
  type Http1Options,
  type PreserveCaseOptions,
} from "./http1/options.ts";
export type { RequestHead } from "./http1/request-head.ts";
export type { ResponseHead } from "./http1/response-head.ts";
export { Http1ServerCodec, type ServerCallbacks } from "./http1/server-codec.ts";
export type {
  Http2ConnectionCallbacks,
  Http2ConnectionError,
  Http2Counter,
  Http2Counters,
  Http2ResetReason,
  Http2Sink,
  Http2StreamCallbacks,
} from "./http2/callbacks.ts";
export { Http2ClientCodec } from "./http2/client-codec.ts";
export { Http2ErrorCode } from "./http2/error-codes.ts";
export { CLIENT_PREFACE as HTTP2_CLIENT_PREFACE } from "./http2/frames.ts";
export { DEFAULT_HTTP2_OPTIONS, type Http2Options } from "./http2/options.ts";
export { Http2ServerCodec } from "./http2/server-codec.ts";
export type { Http2Stream } from "./http2/stream.ts";
export { requestHeaderKey } from "./request-header-key.ts";
