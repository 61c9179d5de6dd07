import { encodeGrpcMessage, grpcStatusOfHttp, type HeaderMap } from "@nuncio/codec";
import { isGrpcRequest as hasGrpcType } from "../../../observe/format/grpc-status.ts";
import {
  DataStatus,
  HeadersStatus,
  TrailersStatus,
  type DecoderFilterCallbacks,
  type EncoderFilterCallbacks,
  type HttpFilter,
} from "../../filter.ts";
import { clusterOfRequest } from "../../grpc/cluster-of-request.ts";
import { GrpcClusterStats } from "../../grpc/cluster-stats.ts";
import type { GrpcMethodStats } from "../../grpc/method-stats.ts";
import type { HttpFilterHost, HttpFilterWorkerSide } from "../extension.ts";
import { Base64Decoder } from "./base64-decoder.ts";
import { Base64Encoder } from "./base64-encoder.ts";
import { RESPONSE_TYPES, webFormOf } from "./content-type.ts";
import { trailersFrame } from "./trailers-frame.ts";

/** Worker side of the gRPC-Web filter. */
export const grpcWebWorkerSide: HttpFilterWorkerSide<null> = {
  configType: "envoy.extensions.filters.http.grpc_web.v3.GrpcWeb",
  build: (_config, worker, host) => {
    const named = { kind: "all", replaceDots: false } as const;
    const stats = new GrpcClusterStats(worker.stats, "grpc-web", named);
    return { create: () => new GrpcWebFilter(stats, host) };
  },
};

/** So much of an answer that is no gRPC becomes its message, as in Envoy. */
const PLAIN_BYTES_MAX = 16_384;

/** A request of gRPC-Web goes to its upstream as gRPC, whose response becomes one of gRPC-Web. */
class GrpcWebFilter implements HttpFilter {
  readonly #stats: GrpcClusterStats;
  readonly #host: HttpFilterHost;
  #decoder!: DecoderFilterCallbacks;
  #encoder!: EncoderFilterCallbacks;
  /** The request is one of gRPC-Web. */
  #web = false;
  /** Of a request in base64. */
  #base64: Base64Decoder | null = null;
  /** Of a response in base64. */
  #text: Base64Encoder | null = null;
  #textResponse = false;
  #method: GrpcMethodStats | null = null;
  /** The answer is no gRPC: its body so far. */
  #plain: Buffer[] | null = null;
  #plainBytes = 0;

  constructor(stats: GrpcClusterStats, host: HttpFilterHost) {
    this.#stats = stats;
    this.#host = host;
  }

  setDecoderFilterCallbacks(callbacks: DecoderFilterCallbacks): void {
    this.#decoder = callbacks;
  }

  setEncoderFilterCallbacks(callbacks: EncoderFilterCallbacks): void {
    this.#encoder = callbacks;
  }

  decodeHeaders(headers: HeaderMap): HeadersStatus {
    const form = webFormOf(headers.get("content-type"));
    if (form === null) return HeadersStatus.Continue;
    this.#web = true;
    if (form === "text") this.#base64 = new Base64Decoder();
    this.#textResponse = webFormOf(headers.get("accept")) === "text";
    // What is answered from here becomes gRPC-Web on its way back, like any other answer.
    this.#decoder.streamInfo.grpc ??= false;
    const cluster = clusterOfRequest(this.#host.services.clusters, this.#decoder, headers);
    if (cluster !== null) this.#method = this.#stats.of(cluster, headers.path);
    headers.remove("content-length");
    headers.set("content-type", "application/grpc");
    headers.set("te", "trailers");
    if (!headers.has("grpc-accept-encoding")) headers.add("grpc-accept-encoding", "identity");
    return HeadersStatus.Continue;
  }

  decodeData(data: Buffer, endStream: boolean): DataStatus {
    const base64 = this.#base64;
    if (base64 === null) return DataStatus.Continue;
    const decoded = base64.decode(data);
    if (decoded === null) return this.#refuse("grpc_base_64_decode_failed");
    if (endStream && !base64.complete) return this.#refuse("grpc_base_64_decode_failed_bad_size");
    if (decoded.length === 0 && !endStream) return DataStatus.StopIterationNoBuffer;
    this.#decoder.replaceDecodedData(decoded);
    return DataStatus.Continue;
  }

  encodeHeaders(headers: HeaderMap, endStream: boolean): HeadersStatus {
    if (!this.#web) return HeadersStatus.Continue;
    this.#countStatus(headers);
    const plain = !endStream && !isGrpc(headers);
    headers.remove("content-length");
    headers.set("content-type", RESPONSE_TYPES[this.#textResponse ? "text" : "binary"]);
    if (plain) {
      this.#plain = [];
      return HeadersStatus.StopIteration;
    }
    if (this.#textResponse) this.#text = new Base64Encoder();
    return HeadersStatus.Continue;
  }

  encodeData(data: Buffer, endStream: boolean): DataStatus {
    if (this.#plain !== null) {
      this.#keepPlain(this.#plain, data);
      if (!endStream) return DataStatus.StopIterationNoBuffer;
      this.#finishPlain(this.#plain);
      this.#encoder.replaceEncodedData(NOTHING);
    } else if (this.#text !== null) {
      const text = this.#text.encode(data) + (endStream ? this.#text.finish(NOTHING) : "");
      if (text === "" && !endStream) return DataStatus.StopIterationNoBuffer;
      this.#encoder.replaceEncodedData(Buffer.from(text, "latin1"));
    }
    return DataStatus.Continue;
  }

  encodeTrailers(trailers: HeaderMap): TrailersStatus {
    if (!this.#web) return TrailersStatus.Continue;
    this.#countStatus(trailers);
    if (this.#plain !== null) {
      this.#finishPlain(this.#plain);
      return TrailersStatus.Continue;
    }
    const frame = trailersFrame(trailers);
    this.#encoder.addEncodedData(
      this.#text === null ? frame : Buffer.from(this.#text.finish(frame), "latin1"),
    );
    trailers.removeIf(() => true);
    return TrailersStatus.Continue;
  }

  #refuse(details: string): DataStatus {
    this.#decoder.sendLocalReply(400, "Bad gRPC-web request, invalid base64 data.", details);
    return DataStatus.StopIterationNoBuffer;
  }

  #countStatus(headers: HeaderMap): void {
    const status = headers.get("grpc-status");
    if (status !== undefined) this.#method?.countStatus(status);
  }

  #keepPlain(plain: Buffer[], data: Buffer): void {
    const bytes = Math.min(data.length, PLAIN_BYTES_MAX - this.#plainBytes);
    if (bytes === 0) return;
    this.#plainBytes += bytes;
    plain.push(Buffer.from(data.subarray(0, bytes)));
  }

  /** The whole answer goes to the headers. */
  #finishPlain(plain: readonly Buffer[]): void {
    const headers = this.#encoder.responseHeaders!;
    if (this.#plainBytes > 0) headers.set("grpc-message", encodeGrpcMessage(Buffer.concat(plain)));
    headers.set("grpc-status", String(grpcStatusOfHttp(headers.status)));
    headers.set("content-length", "0");
  }
}

const NOTHING = Buffer.alloc(0);

/** A response that gRPC-Web can be made of, or that is one. */
function isGrpc(headers: HeaderMap): boolean {
  if (headers.status !== 200) return false;
  return hasGrpcType(headers) || webFormOf(headers.get("content-type")) !== null;
}
