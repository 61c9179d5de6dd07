import {
  GRPC_FRAME_HEAD_BYTES,
  grpcFrameOf,
  grpcStatusOfHttp,
  HeaderMap,
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
import type { GrpcHttp1ReverseBridgeConfig, GrpcHttp1ReverseBridgePerRoute } from "./model.ts";

const PACKAGE = "envoy.extensions.filters.http.grpc_http1_reverse_bridge.v3";
const CONFIG_TYPE = `${PACKAGE}.FilterConfig`;

/** Worker side of the bridge from gRPC to HTTP/1. */
export const grpcHttp1ReverseBridgeWorkerSide: HttpFilterWorkerSide<
  GrpcHttp1ReverseBridgeConfig,
  GrpcHttp1ReverseBridgePerRoute
> = {
  configType: CONFIG_TYPE,
  perRouteType: `${PACKAGE}.FilterConfigPerRoute`,
  build: (config) => ({ create: () => new GrpcHttp1ReverseBridgeFilter(config) }),
  buildPerRoute: (config) => config,
};

/**
 * gRPC for an upstream that knows plain HTTP alone: a call of one message each way is an ordinary request to it, and
 * the status of its response becomes the outcome, in trailers.
 */
class GrpcHttp1ReverseBridgeFilter implements HttpFilter {
  readonly #config: GrpcHttp1ReverseBridgeConfig;
  #decoder!: DecoderFilterCallbacks;
  #encoder!: EncoderFilterCallbacks;
  /** The type that the client sent, and gets; null when the request is not bridged. */
  #clientType: string | null = null;
  /** The frame of the request is off. */
  #unframed = false;
  #grpcStatus = "";
  /** Of the response's message as its header says; -1: not said, and the message is held for its length. */
  #messageBytes = -1;
  /** Of that message, so far, and whether the head of its frame went out. */
  #passedBytes = 0;
  #framed = false;

  constructor(config: GrpcHttp1ReverseBridgeConfig) {
    this.#config = config;
  }

  setDecoderFilterCallbacks(callbacks: DecoderFilterCallbacks): void {
    this.#decoder = callbacks;
  }

  setEncoderFilterCallbacks(callbacks: EncoderFilterCallbacks): void {
    this.#encoder = callbacks;
  }

  decodeHeaders(headers: HeaderMap, endStream: boolean): HeadersStatus {
    if (endStream || !isGrpcRequest(headers)) return HeadersStatus.Continue;
    const ofRoute = this.#decoder.perRouteConfig(
      CONFIG_TYPE,
    ) as GrpcHttp1ReverseBridgePerRoute | null;
    if (ofRoute?.disabled === true) return HeadersStatus.Continue;
    const { contentType, withholdGrpcFrames } = this.#config;
    // Replies that are made here are for the client, whose gRPC will not be seen any more.
    this.#decoder.streamInfo.grpc ??= true;
    this.#clientType = headers.get("content-type")!;
    headers.set("content-type", contentType);
    headers.set("accept", contentType);
    if (withholdGrpcFrames) addToLength(headers, -GRPC_FRAME_HEAD_BYTES);
    this.#decoder.clearRouteCache();
    return HeadersStatus.Continue;
  }

  decodeData(data: Buffer): DataStatus {
    if (this.#clientType === null || !this.#config.withholdGrpcFrames || this.#unframed)
      return DataStatus.Continue;
    if (data.length < GRPC_FRAME_HEAD_BYTES) {
      this.#decoder.sendLocalReply(200, "invalid request body", "grpc_bridge_data_too_small");
      return DataStatus.StopIterationNoBuffer;
    }
    this.#unframed = true;
    this.#decoder.replaceDecodedData(data.subarray(GRPC_FRAME_HEAD_BYTES));
    return DataStatus.Continue;
  }

  encodeHeaders(headers: HeaderMap, endStream: boolean): HeadersStatus {
    const clientType = this.#clientType;
    if (clientType === null) return HeadersStatus.Continue;
    const type = headers.get("content-type");
    if (type !== this.#config.contentType) {
      const seen = type ? `unsupported content-type ${type}` : "no content-type header";
      const text = `upstream responded with ${seen}, status code ${headers.status}`;
      return this.#refuse(text, "grpc_bridge_content_type_wrong", "2");
    }
    headers.set("content-type", clientType);
    if (this.#config.withholdGrpcFrames) addToLength(headers, GRPC_FRAME_HEAD_BYTES);
    if (!endStream && !this.#readSize(headers))
      return this.#refuse(
        "upstream did not set content length",
        "grpc_bridge_content_length_missing",
        "13",
      );
    this.#grpcStatus = headers.status === 200 ? "0" : String(grpcStatusOfHttp(headers.status));
    headers.status = 200;
    if (endStream && this.#config.withholdGrpcFrames) {
      this.#encoder.addEncodedData(grpcFrameOf(NOTHING));
      this.#addTrailers();
    }
    return HeadersStatus.Continue;
  }

  encodeData(data: Buffer, endStream: boolean): DataStatus {
    if (this.#clientType === null) return DataStatus.Continue;
    if (this.#messageBytes >= 0 && !this.#passSized(data, endStream))
      return DataStatus.StopIterationNoBuffer;
    if (endStream) this.#addTrailers();
    if (!this.#config.withholdGrpcFrames || this.#messageBytes >= 0) return DataStatus.Continue;
    if (this.#encoder.encodingBuffer() === null)
      this.#encoder.replaceEncodedData(grpcFrameOf(data));
    else if (endStream) this.#writeLength(data.length);
    return endStream ? DataStatus.Continue : DataStatus.StopIterationAndBuffer;
  }

  encodeTrailers(trailers: HeaderMap): TrailersStatus {
    if (this.#clientType === null) return TrailersStatus.Continue;
    if (this.#messageBytes > this.#passedBytes) {
      this.#refuseSize();
      return TrailersStatus.StopIteration;
    }
    trailers.set("grpc-status", this.#grpcStatus);
    if (this.#config.withholdGrpcFrames && !this.#framed) this.#writeLength(0);
    return TrailersStatus.Continue;
  }

  /** Takes the size of the message from its header; false when it does not say one that a frame can have. */
  #readSize(headers: HeaderMap): boolean {
    const { responseSizeHeader } = this.#config;
    if (responseSizeHeader === "") return true;
    const text = headers.get(responseSizeHeader) ?? "";
    if (!/^\+?\d{1,20}$/.test(text) || Number(text) > 0xff_ff_ff_ff) return false;
    this.#messageBytes = Number(text);
    headers.set("content-length", String(this.#messageBytes + GRPC_FRAME_HEAD_BYTES));
    return true;
  }

  /** A piece of a message whose size is known goes on; false when it is not that size. */
  #passSized(data: Buffer, endStream: boolean): boolean {
    let piece = data;
    if (!this.#framed) {
      this.#framed = true;
      piece = grpcFrameOf(data);
      writeGrpcFrameHead(piece, 0, this.#messageBytes);
    }
    this.#passedBytes += data.length;
    const leftBytes = this.#messageBytes - this.#passedBytes;
    if (leftBytes === 0 || (leftBytes > 0 && !endStream)) {
      this.#encoder.replaceEncodedData(piece);
      return true;
    }
    // Of what is too short all goes out; more than was announced would be taken for the next response.
    if (leftBytes > 0) this.#encoder.addEncodedData(piece);
    this.#refuseSize();
    return false;
  }

  #refuseSize(): void {
    this.#clientType = null;
    const text = "envoy reverse bridge: upstream set incorrect content length";
    this.#encoder.sendLocalReply(200, text, "grpc_bridge_content_length_wrong");
  }

  /** The message is what is held, and so many bytes more. */
  #writeLength(moreBytes: number): void {
    const held = this.#encoder.encodingBuffer();
    if (held === null) this.#encoder.addEncodedData(grpcFrameOf(NOTHING));
    else writeGrpcFrameHead(held, 0, held.length - GRPC_FRAME_HEAD_BYTES + moreBytes);
  }

  #addTrailers(): void {
    const trailers = new HeaderMap();
    trailers.add("grpc-status", this.#grpcStatus);
    this.#encoder.addEncodedTrailers(trailers);
  }

  #refuse(text: string, details: string, grpcStatus: string): HeadersStatus {
    this.#clientType = null;
    this.#encoder.sendLocalReply(200, `envoy reverse bridge: ${text}`, details, (headers) => {
      headers.set("content-type", "application/grpc");
      headers.set("grpc-status", grpcStatus);
    });
    return HeadersStatus.StopIteration;
  }
}

const NOTHING: Buffer = Buffer.alloc(0);

function addToLength(headers: HeaderMap, bytes: number): void {
  const length = headers.get("content-length");
  if (length !== undefined)
    headers.set("content-length", String(Math.max(0, Number(length) + bytes)));
}
