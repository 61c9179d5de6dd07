import { fromBinary, toJson, type JsonObject } from "@bufbuild/protobuf";
import {
  type Metadata,
  Server,
  ServerCredentials,
  type handleClientStreamingCall,
} from "@grpc/grpc-js";
import { envoyTypes } from "@nuncio/api";

const METHOD = "/envoy.service.accesslog.v3.AccessLogService/StreamAccessLogs";
const MESSAGE = "envoy.service.accesslog.v3.StreamAccessLogsMessage";

/** A stream of log messages as the service saw it. */
export interface LogStream {
  readonly metadata: Metadata;
  /** As JSON. */
  readonly messages: JsonObject[];
}

/** An access log service on the real gRPC library, which writes down what it gets. */
export class LogService {
  readonly streams: LogStream[] = [];
  readonly #server: Server = new Server();

  /** The entries of all streams that have this log name, in the order of their coming. */
  entries(logName: string): JsonObject[] {
    const wanted = this.streams.filter(({ messages }) => nameOf(messages[0]) === logName);
    return wanted.flatMap(({ messages }) => messages.flatMap(entriesOf));
  }

  /** Listens on a free port of loopback, or the one that is given; resolves with it. */
  listen(port = 0): Promise<number> {
    this.#server.addService(
      {
        log: {
          path: METHOD,
          requestStream: true,
          responseStream: false,
          requestSerialize: (bytes: Buffer) => bytes,
          requestDeserialize: decode,
          responseSerialize: (bytes: Buffer) => bytes,
          responseDeserialize: (bytes: Buffer) => bytes,
        },
      },
      { log: this.#record },
    );
    return new Promise((resolve, reject) => {
      const address = `127.0.0.1:${port}`;
      this.#server.bindAsync(address, ServerCredentials.createInsecure(), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      );
    });
  }

  close(): void {
    this.#server.forceShutdown();
  }

  readonly #record: handleClientStreamingCall<JsonObject, Buffer> = (call, done) => {
    const messages: JsonObject[] = [];
    this.streams.push({ metadata: call.metadata, messages });
    call.on("data", (message: JsonObject) => messages.push(message));
    call.on("error", () => {});
    call.on("end", () => done(null, Buffer.alloc(0)));
  };
}

function decode(bytes: Buffer): JsonObject {
  const types = envoyTypes();
  return toJson(types.getMessage(MESSAGE)!, fromBinary(types.getMessage(MESSAGE)!, bytes), {
    registry: types as never,
  }) as JsonObject;
}

function nameOf(message: JsonObject | undefined): string {
  const identifier = message?.["identifier"] as JsonObject | undefined;
  return (identifier?.["logName"] ?? "") as string;
}

function entriesOf(message: JsonObject): JsonObject[] {
  const list = (message["httpLogs"] ?? message["tcpLogs"]) as JsonObject | undefined;
  return (list?.["logEntry"] ?? []) as JsonObject[];
}
