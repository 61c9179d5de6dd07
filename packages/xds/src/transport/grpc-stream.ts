import http from "node:http";
import {
  fromBinary,
  toBinary,
  type DescMethodBiDiStreaming,
  type Message,
} from "@bufbuild/protobuf";
import { grpcFrameOf, GrpcFrameReader, HeaderMap } from "@nuncio/codec";
import type { StreamConnection, StreamEvents } from "../client/stream-transport.ts";
import type { GrpcEndpoint } from "./grpc-client.ts";
import { GrpcCode, grpcFailure, problemOfHead, problemOfTrailers } from "./grpc-status.ts";
import { type ExchangeEvents, type ExchangeFailure, Http2Exchange } from "./http2-exchange.ts";

const WAITING_REQUESTS_MAX = 100;
const ENDED_WELL = "the control plane ended the stream";

/** Messages both ways on one request of HTTP/2 (gRPC over HTTP/2): no promise and no stream of Node's for any of them. */
export class GrpcStream<Request extends Message, Response extends Message>
  implements StreamConnection<Request>, ExchangeEvents
{
  readonly #endpoint: GrpcEndpoint;
  readonly #method: DescMethodBiDiStreaming;
  readonly #events: StreamEvents<Response>;
  readonly #exchange: Http2Exchange;
  readonly #reader: GrpcFrameReader;
  readonly #waitingMax: number;
  /** Frames of requests that the control plane does not take yet. */
  readonly #waiting: Buffer[] = [];
  /** What came while nothing was to be read. */
  readonly #unread: Buffer[] = [];
  #isHeld = false;
  #isReading = false;
  #isOver = false;
  /** `grpc-encoding` of the response. */
  #encoding = "";

  constructor(
    endpoint: GrpcEndpoint,
    method: DescMethodBiDiStreaming,
    events: StreamEvents<Response>,
  ) {
    this.#endpoint = endpoint;
    this.#method = method;
    this.#events = events;
    this.#reader = new GrpcFrameReader(endpoint.messageBytesMax ?? 0);
    this.#waitingMax = endpoint.waitingRequestsMax ?? WAITING_REQUESTS_MAX;
    this.#exchange = new Http2Exchange(endpoint.url, endpoint, this);
  }

  send(request: Request): void {
    // Who asks for something waits for it.
    if (!this.#isReading) this.#exchange.wake();
    const { buffer, byteOffset, byteLength } = toBinary(this.#method.input, request);
    const frame = grpcFrameOf(Buffer.from(buffer, byteOffset, byteLength));
    if (this.#waiting.length > 0 || this.#exchange.isBlocked) this.#waiting.push(frame);
    else this.#exchange.write(frame, false);
  }

  close(): void {
    this.#isOver = true;
    this.#exchange.close();
  }

  onConnected(): void {
    let head: HeaderMap;
    try {
      head = headOf(this.#method, this.#endpoint);
    } catch (error) {
      this.#fail((error as Error).message);
      return;
    }
    this.#exchange.start(head);
    this.#events.onOpen();
  }

  onHeaders(headers: HeaderMap, endStream: boolean): void {
    if (endStream && headers.has("grpc-status")) {
      this.onTrailers(headers);
      return;
    }
    const problem = problemOfHead(headers);
    if (problem !== null) this.#fail(problem);
    else if (endStream) this.onTrailers(headers);
    else this.#encoding = headers.get("grpc-encoding") ?? "";
  }

  onData(data: Buffer, endStream: boolean): void {
    this.#unread.push(data);
    if (!this.#isHeld) this.#read();
    this.#rest();
    // The status is in trailers, and there are none.
    if (endStream) this.onTrailers(NO_TRAILERS);
  }

  onTrailers(trailers: HeaderMap): void {
    this.#readRest();
    if (this.#isOver) return;
    const problem = problemOfTrailers(trailers);
    if (problem !== null) this.#fail(problem);
    else if (this.#reader.isInsideMessage)
      this.#fail(grpcFailure(GrpcCode.Internal, "the stream ended inside of a message"));
    else this.#end(ENDED_WELL, false);
  }

  onWritable(): void {
    const waiting = this.#waiting;
    while (waiting.length > 0 && !this.#exchange.isBlocked)
      this.#exchange.write(waiting.shift()!, false);
    if (!this.#isHeld || waiting.length >= this.#waitingMax) return;
    this.#isHeld = false;
    this.#exchange.holdBack(false);
    this.#read();
  }

  onFailed(failure: ExchangeFailure, reason: string): void {
    this.#readRest();
    if (this.#isOver) return;
    if (failure === "unreachable") this.#fail(reason);
    else this.#fail(grpcFailure(CODE_OF_FAILURE[failure], reason));
  }

  /** What came whole is taken, even when the stream has ended behind it. */
  #readRest(): void {
    while (this.#isHeld && !this.#isOver) {
      this.#isHeld = false;
      this.#read();
    }
  }

  #rest(): void {
    if (this.#isOver || this.#isHeld || this.#reader.isInsideMessage) return;
    const ms = this.#endpoint.restMs?.() ?? 0;
    if (ms > 0) this.#exchange.rest(ms);
  }

  #read(): void {
    this.#isReading = true;
    this.#readAll();
    this.#isReading = false;
  }

  #readAll(): void {
    while (!this.#isOver && !this.#isHeld) {
      const message = this.#reader.read();
      if (message !== null) this.#take(message);
      else if (this.#reader.error !== null) this.#refuse();
      else {
        const piece = this.#unread.shift();
        if (piece === undefined) return;
        this.#reader.push(piece);
      }
    }
  }

  #take(message: Buffer): void {
    let response: Response;
    try {
      response = fromBinary(this.#method.output, plainBytes(message)) as Response;
    } catch (error) {
      const text = `not a ${this.#method.output.name}: ${(error as Error).message}`;
      this.#fail(grpcFailure(GrpcCode.Internal, text));
      return;
    }
    try {
      this.#events.onMessage(response);
    } catch (error) {
      this.#fail(error instanceof Error ? error.message : String(error));
      return;
    }
    if (this.#isOver || this.#waiting.length < this.#waitingMax) return;
    this.#isHeld = true;
    this.#exchange.holdBack(true);
  }

  #refuse(): void {
    if (this.#reader.error === "too_large") {
      const text = `expected messages of at most ${this.#endpoint.messageBytesMax} bytes, got a larger one`;
      this.#fail(grpcFailure(GrpcCode.ResourceExhausted, text));
      return;
    }
    const by = this.#encoding === "" ? "" : ` (grpc-encoding: ${this.#encoding})`;
    this.#fail(
      grpcFailure(GrpcCode.Internal, `expected messages as they are, got a compressed one${by}`),
    );
  }

  #fail(reason: string): void {
    this.#end(reason, true);
  }

  #end(reason: string, isFailure: boolean): void {
    if (this.#isOver) return;
    this.close();
    this.#events.onClose(reason, isFailure);
  }
}

const NO_TRAILERS = new HeaderMap();

const CODE_OF_FAILURE: { readonly [Failure in Exclude<ExchangeFailure, "unreachable">]: number } = {
  refused: GrpcCode.Unavailable,
  reset: GrpcCode.Internal,
  protocol: GrpcCode.Internal,
  closed: GrpcCode.Unavailable,
};

/** Owners copy by `slice`, which of a Buffer is none. */
function plainBytes({ buffer, byteOffset, byteLength }: Buffer): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** Throws when a header cannot be one. */
function headOf({ parent, name }: DescMethodBiDiStreaming, endpoint: GrpcEndpoint): HeaderMap {
  const head = new HeaderMap();
  head.method = "POST";
  head.path = `/${parent.typeName}/${name}`;
  head.add("content-type", "application/grpc");
  head.add("te", "trailers");
  for (const [key, value] of endpoint.headers ?? []) {
    const bytes = Buffer.from(value).toString("latin1");
    http.validateHeaderName(key);
    http.validateHeaderValue(key, bytes);
    head.add(key.toLowerCase(), bytes);
  }
  if (!head.has("user-agent")) head.add("user-agent", "nuncio");
  return head;
}
