import {
  GRPC_FRAME_HEAD_BYTES,
  grpcFrameOf,
  type HeaderMap,
  writeGrpcFrameHead,
} from "@nuncio/codec";
import { isGrpcRequest } from "../../../observe/format/grpc-status.ts";
import {
  DataStatus,
  HeadersStatus,
  TrailersStatus,
  type DecoderFilterCallbacks,
  type EncoderFilterCallbacks,
  type HttpFilter,
} from "../../filter.ts";
import type { HttpFilterWorkerSide } from "../extension.ts";
import type { GrpcHttp1BridgeConfig } from "./model.ts";

/** Worker side of the bridge from HTTP/1 to gRPC. */
export const grpcHttp1BridgeWorkerSide: HttpFilterWorkerSide<GrpcHttp1BridgeConfig> = {
  configType: "envoy.extensions.filters.http.grpc_http1_bridge.v3.Config",
  build: (config) => ({ create: () => new GrpcHttp1BridgeFilter(config) }),
};

/**
 * gRPC for a client that reads no trailers: the response is held until it is complete, and its outcome goes to the
 * headers. A method that streams is not for such a client.
 */
class GrpcHttp1BridgeFilter implements HttpFilter {
  readonly #config: GrpcHttp1BridgeConfig;
  #decoder!: DecoderFilterCallbacks;
  #encoder!: EncoderFilterCallbacks;
  /** The response's trailers go to its headers. */
  #bridges = false;
  /** The request is put into a frame. */
  #frames = false;
  /** Bytes of the response that are still the head of its frame. */
  #headBytesLeft = 0;
  #response: HeaderMap | null = null;

  constructor(config: GrpcHttp1BridgeConfig) {
    this.#config = config;
  }

  setDecoderFilterCallbacks(callbacks: DecoderFilterCallbacks): void {
    this.#decoder = callbacks;
  }

  setEncoderFilterCallbacks(callbacks: EncoderFilterCallbacks): void {
    this.#encoder = callbacks;
  }

  decodeHeaders(headers: HeaderMap): HeadersStatus {
    const { streamInfo } = this.#decoder;
    if (this.#config.upgradeProtobufToGrpc && headers.get("content-type") === PROTOBUF) {
      // Replies that are made here are for a client that knows no gRPC.
      streamInfo.grpc ??= false;
      this.#frames = true;
      headers.set("content-type", GRPC);
      headers.remove("content-length");
      this.#decoder.clearRouteCache();
    }
    if (!isGrpcRequest(headers)) return HeadersStatus.Continue;
    // Who sends protobuf wants to have it back, whatever the protocol.
    this.#bridges = this.#frames || streamInfo.protocol.startsWith("HTTP/1");
    if (this.#bridges && this.#config.ignoreQueryParameters) cutQuery(headers);
    return HeadersStatus.Continue;
  }

  decodeData(data: Buffer, endStream: boolean): DataStatus {
    if (!this.#frames) return DataStatus.Continue;
    if (this.#decoder.decodingBuffer() === null) {
      // Without an end the length is not known yet.
      this.#decoder.replaceDecodedData(grpcFrameOf(data));
    } else if (endStream) this.#writeLength(data.length);
    return endStream ? DataStatus.Continue : DataStatus.StopIterationAndBuffer;
  }

  decodeTrailers(): TrailersStatus {
    if (this.#frames) this.#writeLength(0);
    return TrailersStatus.Continue;
  }

  encodeHeaders(headers: HeaderMap, endStream: boolean): HeadersStatus {
    if (!this.#bridges || endStream) return HeadersStatus.Continue;
    if (this.#frames && isGrpcRequest(headers)) {
      this.#headBytesLeft = GRPC_FRAME_HEAD_BYTES;
      headers.remove("content-length");
    }
    this.#response = headers;
    return HeadersStatus.StopIteration;
  }

  encodeData(data: Buffer, endStream: boolean): DataStatus {
    if (!this.#bridges) return DataStatus.Continue;
    if (this.#headBytesLeft > 0) {
      const head = Math.min(this.#headBytesLeft, data.length);
      this.#headBytesLeft -= head;
      this.#encoder.replaceEncodedData(data.subarray(head));
    }
    return endStream ? DataStatus.Continue : DataStatus.StopIterationAndBuffer;
  }

  encodeTrailers(trailers: HeaderMap): TrailersStatus {
    const response = this.#response;
    if (response === null) return TrailersStatus.Continue;
    const status = trailers.get("grpc-status");
    if (status !== undefined) {
      if (!ZERO.test(status)) response.status = 503;
      response.set("grpc-status", status);
    }
    const message = trailers.get("grpc-message");
    if (message !== undefined) response.set("grpc-message", message);
    // So that the client can tell a whole response from one that was cut off.
    response.set("content-length", String(this.#encoder.encodingBuffer()?.length ?? 0));
    return TrailersStatus.Continue;
  }

  /** The message is what is held, and so many bytes more. */
  #writeLength(moreBytes: number): void {
    const held = this.#decoder.decodingBuffer();
    if (held !== null) writeGrpcFrameHead(held, 0, held.length - GRPC_FRAME_HEAD_BYTES + moreBytes);
  }
}

const PROTOBUF = "application/x-protobuf";
const GRPC = "application/grpc";
const ZERO = /^\+?0+$/;

function cutQuery(headers: HeaderMap): void {
  const query = headers.path.indexOf("?");
  if (query >= 0) headers.path = headers.path.slice(0, query);
}
