import type { Http2ServerResponse, IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import { fromBinary, type Message } from "@bufbuild/protobuf";
import { GrpcFrameReader, encodeGrpcMessage, grpcFrameAround } from "@nuncio/codec";
import type { ServerStream } from "../../server/server.ts";
import { XdsStreamError } from "../../server/stream.ts";
import { GrpcCode } from "../grpc-status.ts";
import type { XdsMethod } from "./xds-methods.ts";

/** Whether a call has nothing but messages as they are, both ways: no deadline, no encoding, no other type of content. */
export function isPlainCall(headers: IncomingHttpHeaders): boolean {
  const { "content-type": type = "", "grpc-encoding": encoding = "identity" } = headers;
  return (
    /^application\/grpc(\+proto)?$/.test(type) &&
    encoding === "identity" &&
    headers["grpc-timeout"] === undefined
  );
}

/**
 * Serves a stream of xDS over a plain call: no promise for any message, of which Connect has dozens.
 *
 * @param requestBytesMax of one message
 */
export function servePlainCall(
  response: Http2ServerResponse,
  method: XdsMethod,
  requestBytesMax: number,
): void {
  const call = new PlainCall(response, method, requestBytesMax);
  call.open();
}

/**
 * A stream of xDS over the stream of HTTP/2 that a response is for. The next message is asked for when the
 * one before could be written, so a client that does not read holds back its own responses and nothing else.
 */
class PlainCall {
  readonly #response: Http2ServerResponse;
  readonly #http: ServerHttp2Stream;
  readonly #method: XdsMethod;
  readonly #requestBytesMax: number;
  readonly #reader: GrpcFrameReader;
  #stream: ServerStream<Message> | undefined;
  /** The client has said all that it has to say. */
  #isComplete = false;
  #isWaking = false;
  #isOver = false;

  constructor(response: Http2ServerResponse, method: XdsMethod, requestBytesMax: number) {
    this.#response = response;
    this.#http = response.stream;
    this.#method = method;
    this.#requestBytesMax = requestBytesMax;
    this.#reader = new GrpcFrameReader(requestBytesMax);
  }

  open(): void {
    const http = this.#http;
    // A stream that fails is closed, and there is nobody to tell.
    http.on("error", () => {});
    http.once("close", () => this.#close());
    http.on("data", (data: Buffer) => this.#receive(data));
    http.on("drain", () => this.#send());
    http.once("end", () => {
      this.#isComplete = true;
      this.#send();
    });
    this.#stream = this.#guarded(() => this.#method.open({ onReady: () => this.#wake() }));
  }

  /** Whoever has news is not done yet: what comes together is sent together. */
  #wake(): void {
    if (this.#isWaking || this.#isOver) return;
    this.#isWaking = true;
    queueMicrotask(() => {
      this.#isWaking = false;
      this.#send();
    });
  }

  #receive(data: Buffer): void {
    this.#reader.push(data);
    while (!this.#isOver) {
      const message = this.#reader.read();
      if (message === null) break;
      const { buffer, byteOffset, byteLength } = message;
      this.#take(new Uint8Array(buffer, byteOffset, byteLength));
    }
    if (this.#reader.error === "too_large") {
      const text = `expected requests of at most ${this.#requestBytesMax} bytes, got a larger one`;
      this.#end(GrpcCode.ResourceExhausted, text);
    } else if (this.#reader.error === "compressed") {
      this.#end(GrpcCode.Internal, "expected messages as they are, got a compressed one");
    }
    this.#send();
  }

  #take(bytes: Uint8Array): void {
    const { input } = this.#method.desc;
    let request: Message;
    try {
      request = fromBinary(input, bytes);
    } catch (error) {
      this.#end(GrpcCode.InvalidArgument, `not a ${input.name}: ${(error as Error).message}`);
      return;
    }
    this.#guarded(() => this.#stream?.receive(request));
  }

  #send(): void {
    const http = this.#http;
    http.cork();
    while (!this.#isOver && !http.writableNeedDrain) {
      const frame = this.#guarded(() => this.#nextFrame());
      if (frame === undefined) break;
      this.#respond();
      for (const piece of frame) http.write(piece);
    }
    http.uncork();
    if (this.#isComplete && !http.writableNeedDrain) this.#end(GrpcCode.Ok, "");
  }

  #nextFrame(): readonly Uint8Array[] | undefined {
    const response = this.#stream?.next();
    return response && grpcFrameAround(this.#method.toBytes(response));
  }

  #respond(): void {
    if (this.#http.headersSent) return;
    const headers = { ":status": 200, "content-type": "application/grpc+proto" };
    this.#http.respond(headers, { waitForTrailers: true });
  }

  #end(code: number, message: string): void {
    if (this.#isOver) return;
    this.#close();
    if (this.#http.destroyed) return;
    const text = message === "" ? {} : { "grpc-message": encodeGrpcMessage(Buffer.from(message)) };
    // Node's response sends them when its stream wants them.
    this.#response.addTrailers({ "grpc-status": String(code), ...text });
    this.#respond();
    this.#http.end();
  }

  #close(): void {
    this.#isOver = true;
    this.#stream?.close();
  }

  /** What throws ends the call, and its message reaches the client. */
  #guarded<Result>(call: () => Result): Result | undefined {
    try {
      return call();
    } catch (error) {
      const isTheirs = error instanceof XdsStreamError;
      const code = isTheirs ? GrpcCode.InvalidArgument : GrpcCode.FailedPrecondition;
      this.#end(code, error instanceof Error ? error.message : String(error));
      return undefined;
    }
  }
}
