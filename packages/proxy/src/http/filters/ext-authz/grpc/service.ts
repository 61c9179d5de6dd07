import type { GrpcCallCallbacks } from "../../../../grpc-client/callbacks.ts";
import { GrpcClient } from "../../../../grpc-client/grpc-client.ts";
import { MessageWriter } from "../../../../protobuf/message-writer.ts";
import type { AsyncClient } from "../../../async-client/async-client.ts";
import type { AuthorizationService, CheckedRequest } from "../authorization-service.ts";
import type { ExtAuthzConfig, GrpcAuthorizationConfig } from "../model.ts";
import type { ToldHeaders } from "../told-headers.ts";
import type { Question, Verdict, VerdictCallbacks } from "../verdict.ts";
import { writeCheckRequest } from "./check-request-writer.ts";
import { readCheckResponse } from "./check-response-reader.ts";

const METHOD = "/envoy.service.auth.v3.Authorization/Check";
const ERROR: Verdict = { kind: "error" };

/** A service that is asked by gRPC (`envoy.service.auth.v3.Authorization`), on a worker. */
export class GrpcAuthorizationService implements AuthorizationService {
  readonly #client: GrpcClient;
  readonly #timeoutMs: number;
  readonly #config: ExtAuthzConfig;
  readonly #told: ToldHeaders;
  /** Calls copy what is written. */
  readonly #writer: MessageWriter = new MessageWriter();

  constructor(
    { service, timeoutMs }: GrpcAuthorizationConfig,
    http: AsyncClient,
    config: ExtAuthzConfig,
    told: ToldHeaders,
  ) {
    this.#client = new GrpcClient(service, http);
    this.#timeoutMs = timeoutMs;
    this.#config = config;
    this.#told = told;
  }

  check(request: CheckedRequest, callbacks: VerdictCallbacks): Question | null {
    const writer = this.#writer;
    writer.clear();
    writeCheckRequest(writer, request, this.#config, this.#told);
    const context = request.callbacks.formatContext;
    const options = { timeoutMs: this.#timeoutMs, context };
    const stream = this.#client.call(METHOD, writer.bytes, new GrpcCheck(callbacks), options);
    return stream.closed ? null : stream;
  }
}

/** One question. */
class GrpcCheck implements GrpcCallCallbacks {
  readonly #callbacks: VerdictCallbacks;

  constructor(callbacks: VerdictCallbacks) {
    this.#callbacks = callbacks;
  }

  onSuccess(response: Buffer): void {
    this.#callbacks.onVerdict(readCheckResponse(response) ?? ERROR);
  }

  onFailure(): void {
    this.#callbacks.onVerdict(ERROR);
  }
}
