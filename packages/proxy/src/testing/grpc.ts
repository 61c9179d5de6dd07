import type { TestContext } from "node:test";
import {
  Client,
  credentials,
  Metadata,
  Server,
  ServerCredentials,
  type CallOptions,
  type ChannelOptions,
  type handleBidiStreamingCall,
  type handleClientStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  type MethodDefinition,
  type ServiceError,
  type StatusObject,
} from "@grpc/grpc-js";

// A gRPC service without .proto files, on the real library: messages are bytes, and metadata says what to do.

/** The method's path, by its kind. */
const GRPC_PATHS = {
  unary: "/test.Echo/Unary",
  serverStream: "/test.Echo/ServerStream",
  clientStream: "/test.Echo/ClientStream",
  bidi: "/test.Echo/Bidi",
} as const;

/** A server that echoes, and what it noticed. */
export interface GrpcServer {
  readonly port: number;
  /** Resolves with the next call that the client gives up. */
  untilCancelled(): Promise<void>;
}

const identity = (bytes: Buffer): Buffer => bytes;

/** Starts the service: `x-fail` names a status to fail with, `x-count` the number of answers, `x-hang` never answers. `at`: its port. */
export async function startGrpcServer(t: TestContext, at = 0): Promise<GrpcServer> {
  let wake: () => void = () => {};
  const server = new Server({ "grpc.max_receive_message_length": -1 });
  const watched =
    <Call extends Watchable, Rest extends readonly unknown[]>(
      handle: (call: Call, ...rest: Rest) => void,
    ) =>
    (call: Call, ...rest: Rest): void => {
      call.on("cancelled", () => wake());
      handle(call, ...rest);
    };
  server.addService(
    {
      unary: method(GRPC_PATHS.unary, false, false),
      serverStream: method(GRPC_PATHS.serverStream, false, true),
      clientStream: method(GRPC_PATHS.clientStream, true, false),
      bidi: method(GRPC_PATHS.bidi, true, true),
    },
    {
      unary: watched(answerOne),
      serverStream: watched(answerMany),
      clientStream: watched(answerSum),
      bidi: watched(answerEach),
    },
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${at}`, ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  t.after(() => server.forceShutdown());
  return { port, untilCancelled: () => new Promise((resolve) => (wake = resolve)) };
}

interface Watchable {
  on(event: "cancelled", listener: () => void): unknown;
}

function method(
  path: string,
  requestStream: boolean,
  responseStream: boolean,
): MethodDefinition<Buffer, Buffer> {
  return {
    path,
    requestStream,
    responseStream,
    requestSerialize: identity,
    requestDeserialize: identity,
    responseSerialize: identity,
    responseDeserialize: identity,
  };
}

const answerOne: handleUnaryCall<Buffer, Buffer> = (call, done) => {
  if (call.metadata.get("x-hang").length > 0) return;
  const trailer = metadataOf({ "x-trailer": "last", "x-trailer-bin": Buffer.from([0, 1, 255]) });
  const failure = failureOf(call.metadata);
  if (failure !== null) {
    done({ ...failure, metadata: trailer });
    return;
  }
  const initial = new Metadata();
  for (const name of ["x-echo", "x-echo-bin"])
    for (const value of call.metadata.get(name)) initial.add(name, value);
  call.sendMetadata(initial);
  done(null, call.request, trailer);
};

const answerMany: handleServerStreamingCall<Buffer, Buffer> = (call) => {
  const failure = failureOf(call.metadata);
  let left = Number(call.metadata.get("x-count")[0]);
  const send = (): void => {
    while (left > 0) {
      left--;
      if (!call.write(call.request)) {
        call.once("drain", send);
        return;
      }
    }
    if (failure === null) call.end();
    else call.emit("error", failure);
  };
  send();
};

const answerSum: handleClientStreamingCall<Buffer, Buffer> = (call, done) => {
  let bytes = 0;
  let messages = 0;
  call.on("data", (message: Buffer) => {
    bytes += message.length;
    messages++;
  });
  call.on("end", () => done(null, Buffer.from(`${messages} ${bytes}`)));
};

const answerEach: handleBidiStreamingCall<Buffer, Buffer> = (call) => {
  call.on("data", (message: Buffer) => void call.write(message));
  call.on("end", () => call.end());
};

function failureOf(metadata: Metadata): (Partial<StatusObject> & { readonly code: number }) | null {
  const code = metadata.get("x-fail")[0];
  return code === undefined ? null : { code: Number(code), details: "wie befohlen: é" };
}

/** What a call of one answer ended with. */
export interface GrpcOutcome {
  readonly message: Buffer | null;
  readonly error: ServiceError | null;
  readonly initial: Metadata;
  readonly status: StatusObject;
}

/** A client of the service. */
export class GrpcClient {
  readonly client: Client;

  constructor(t: TestContext, port: number, options: ChannelOptions = {}) {
    this.client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), {
      "grpc.max_receive_message_length": -1,
      "grpc.use_local_subchannel_pool": 1,
      ...options,
    });
    t.after(() => this.client.close());
  }

  /** A call of one message; `metadata` as pairs. */
  unary(
    message: Buffer,
    metadata: { readonly [name: string]: string | Buffer } = {},
    options: CallOptions = {},
  ): Promise<GrpcOutcome> {
    return new Promise((resolve) => {
      let initial = new Metadata();
      let answer: { message: Buffer | null; error: ServiceError | null } | null = null;
      let ended: StatusObject | null = null;
      const finish = (): void => {
        if (answer !== null && ended !== null) resolve({ ...answer, initial, status: ended });
      };
      const call = this.client.makeUnaryRequest(
        GRPC_PATHS.unary,
        identity,
        identity,
        message,
        metadataOf(metadata),
        options,
        (error, received) => {
          answer = { message: received ?? null, error };
          finish();
        },
      );
      call.on("metadata", (received: Metadata) => (initial = received));
      call.on("status", (status: StatusObject) => {
        ended = status;
        finish();
      });
    });
  }

  serverStream(
    message: Buffer,
    metadata: { readonly [name: string]: string } = {},
    options: CallOptions = {},
  ) {
    return this.client.makeServerStreamRequest(
      GRPC_PATHS.serverStream,
      identity,
      identity,
      message,
      metadataOf(metadata),
      options,
    );
  }

  clientStream(done: (error: ServiceError | null, message?: Buffer) => void) {
    return this.client.makeClientStreamRequest(GRPC_PATHS.clientStream, identity, identity, done);
  }

  bidi() {
    return this.client.makeBidiStreamRequest(GRPC_PATHS.bidi, identity, identity);
  }
}

/** Metadata of pairs. */
function metadataOf(pairs: { readonly [name: string]: string | Buffer }): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(pairs)) metadata.set(name, value);
  return metadata;
}
