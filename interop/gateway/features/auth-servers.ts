import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { fromBinary, toBinary, create, type DescMessage } from "@bufbuild/protobuf";
import { Server as GrpcServer, ServerCredentials, type sendUnaryData } from "@grpc/grpc-js";
import { envoyTypes } from "@nuncio/api";

/** What a service of authorization was told of a request. */
export interface Told {
  readonly method: string;
  readonly path: string;
  readonly host: string;
  /** By lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

/** What is read of a `CheckRequest`. */
interface CheckRequest {
  readonly attributes: { readonly request: { readonly http: Told } };
}

const METHOD = "/envoy.service.auth.v3.Authorization/Check";
const PERMISSION_DENIED = 7;

/** Services of authorization by HTTP and gRPC, which deny what has `denied` in its path; and a backend that tells what it got. */
export class AuthServers {
  /** What the last one that was asked was told; undefined when nobody was asked since it was taken. */
  #told: Told | undefined;
  readonly #http: Server;
  readonly #echo: Server;
  readonly #grpc = new GrpcServer();
  #grpcPort = 0;

  private constructor() {
    this.#http = createServer((request, response) => void this.#answer(request, response));
    this.#echo = createServer((request, response) => {
      request.resume();
      response.end(JSON.stringify(request.headers));
    });
  }

  static async start(): Promise<AuthServers> {
    const servers = new AuthServers();
    await Promise.all([listen(servers.#http), listen(servers.#echo)]);
    servers.#grpcPort = await servers.#startGrpc();
    return servers;
  }

  /** The ports at 127.0.0.1. */
  get ports(): Readonly<Record<"http" | "grpc" | "echo", number>> {
    return { http: portOf(this.#http), grpc: this.#grpcPort, echo: portOf(this.#echo) };
  }

  take(): Told | undefined {
    const told = this.#told;
    this.#told = undefined;
    return told;
  }

  close(): void {
    for (const server of [this.#http, this.#echo]) {
      server.close();
      server.closeAllConnections();
    }
    this.#grpc.forceShutdown();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", url: path = "", headers } = request;
    let body = "";
    for await (const part of request) body += String(part);
    const { host = "", ...others } = headers as Record<string, string>;
    this.#told = { method, path, host, headers: others, body };
    const denied = path.includes("denied");
    response.writeHead(denied ? 401 : 200, {
      "x-user": "alice",
      "x-team": "shop",
      "content-type": "text/answer",
      "keep-alive": "timeout=7",
    });
    response.end(denied ? "no" : "");
  }

  #startGrpc(): Promise<number> {
    const check = {
      path: METHOD,
      requestStream: false,
      responseStream: false,
      requestSerialize: (): Buffer => Buffer.alloc(0),
      requestDeserialize: (bytes: Buffer): CheckRequest =>
        fromBinary(schema("CheckRequest"), bytes) as unknown as CheckRequest,
      responseSerialize: (denied: boolean): Buffer => Buffer.from(responseOf(denied)),
      responseDeserialize: (): boolean => false,
    } as const;
    const answer = (
      { request }: { request: CheckRequest },
      callback: sendUnaryData<boolean>,
    ): void => {
      const { method, path, host, headers, body } = request.attributes.request.http;
      this.#told = { method, path, host, headers, body };
      callback(null, path.includes("denied"));
    };
    this.#grpc.addService({ check }, { check: answer });
    return new Promise((resolve, reject) => {
      this.#grpc.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) =>
        error === null ? resolve(port) : reject(error),
      );
    });
  }
}

function responseOf(denied: boolean): Uint8Array {
  const answer = denied
    ? { case: "deniedResponse", value: { status: { code: 401 }, body: "no" } }
    : {
        case: "okResponse",
        value: { headers: [{ header: { key: "x-user", value: "alice" } }] },
      };
  const fields = { status: { code: denied ? PERMISSION_DENIED : 0 }, httpResponse: answer };
  return toBinary(schema("CheckResponse"), create(schema("CheckResponse"), fields));
}

function schema(name: string): DescMessage {
  return envoyTypes().getMessage(`envoy.service.auth.v3.${name}`)!;
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve) => void server.listen(0, "127.0.0.1", resolve));
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
