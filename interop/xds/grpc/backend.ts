import { Server, ServerCredentials, type ServiceDefinition } from "@grpc/grpc-js";

/** Long enough that calls are always under way, whatever happens to the endpoint. */
const ANSWER_AFTER_MS = 20;

const bytes = (value: Buffer): Buffer => value;
const SERVICE: ServiceDefinition = {
  Echo: {
    path: "/interop.Peer/Echo",
    requestStream: false,
    responseStream: false,
    requestSerialize: bytes,
    requestDeserialize: bytes,
    responseSerialize: bytes,
    responseDeserialize: bytes,
  },
};

/** A gRPC server on a port of its own that counts its calls. Started again, it has the same port. */
export class Backend {
  /** Calls that began. */
  calls = 0;
  /** Calls that are not answered yet. */
  active = 0;
  #port = 0;
  #server: Server | null = null;

  /** 0 before the first start. */
  get port(): number {
    return this.#port;
  }

  async start(): Promise<void> {
    const server = new Server();
    server.addService(SERVICE, {
      Echo: (call: { request: Buffer }, answer: (error: null, value: Buffer) => void) => {
        this.calls += 1;
        this.active += 1;
        setTimeout(() => {
          this.active -= 1;
          answer(null, call.request);
        }, ANSWER_AFTER_MS);
      },
    });
    this.#port = await new Promise<number>((resolve, reject) => {
      const address = `127.0.0.1:${this.#port}`;
      server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) => {
        if (error === null) resolve(port);
        else reject(error);
      });
    });
    this.#server = server;
  }

  /** Takes no new calls and answers those under way: a server that is shut down in order. */
  async shutDown(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server === null) return;
    await new Promise<void>((resolve) => {
      server.tryShutdown(() => resolve());
    });
  }

  kill(): void {
    this.#server?.forceShutdown();
    this.#server = null;
  }
}
