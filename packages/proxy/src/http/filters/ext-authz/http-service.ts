import type { HeaderMap } from "@nuncio/codec";
import type { WorkerContext } from "../../../base/worker-context.ts";
import type { AsyncClient } from "../../async-client/async-client.ts";
import type { AsyncStreamCallbacks } from "../../async-client/callbacks.ts";
import {
  applyAddition,
  buildAddition,
  type BuiltAddition,
} from "../../header-mutations/header-mutations.ts";
import type { AuthorizationService, CheckedRequest } from "./authorization-service.ts";
import type { HttpServiceConfig } from "./model.ts";
import { buildNameTest } from "./name-test.ts";
import { PARTIAL_BODY, toldBody, type ToldHeaders } from "./told-headers.ts";
import type { HeaderChange, HeaderLine, Question, Verdict, VerdictCallbacks } from "./verdict.ts";

/** Names of headers that the service wants to have removed from the request. */
const HEADERS_TO_REMOVE = "x-envoy-auth-headers-to-remove";
/** What a client is told of a denial whatever is configured. */
const ALWAYS_TOLD: readonly string[] = ["content-length", "www-authenticate", "location"];

type Clock = Pick<WorkerContext, "nowMs">;
type NameTest = (name: string) => boolean;

/** A service that is asked by HTTP, on a worker: a request of the same method and path. */
export class HttpAuthorizationService implements AuthorizationService {
  readonly config: HttpServiceConfig;
  readonly upstream: NameTest;
  readonly append: NameTest;
  readonly onSuccess: NameTest;
  readonly client: NameTest;
  readonly metadata: NameTest;
  readonly #http: AsyncClient;
  readonly #told: ToldHeaders;
  readonly #additions: readonly BuiltAddition[];

  constructor(config: HttpServiceConfig, http: AsyncClient, told: ToldHeaders) {
    this.config = config;
    this.#http = http;
    this.#told = told;
    this.metadata = buildNameTest(config.metadataHeaders);
    this.upstream = buildNameTest(config.upstreamHeaders);
    this.append = buildNameTest(config.upstreamHeadersToAppend);
    this.onSuccess = buildNameTest(config.clientHeadersOnSuccess);
    const isTold = buildNameTest(config.clientHeaders);
    this.client =
      config.clientHeaders.length === 0
        ? () => true
        : (name) => ALWAYS_TOLD.includes(name) || isTold(name);
    const { worker } = http.services;
    this.#additions = config.headersToAdd.map((addition) => buildAddition(addition, worker));
  }

  check(request: CheckedRequest, callbacks: VerdictCallbacks): Question | null {
    const { cluster, timeoutMs, pathPrefix, pathOverride, retry, asyncScope } = this.config;
    const headers = this.#told.asRequest(request.headers);
    const body = bodyOf(request, headers);
    headers.path = pathOverride === "" ? pathPrefix + headers.path : pathOverride;
    headers.set("content-length", String(body?.length ?? 0));
    const { formatContext } = request.callbacks;
    for (const addition of this.#additions) applyAddition(addition, headers, formatContext);
    headers.set("x-envoy-internal", "true");
    if (timeoutMs > 0) headers.set("x-envoy-expected-rq-timeout-ms", String(timeoutMs));
    const call = new HttpCheck(this, callbacks, this.#http.services.worker);
    const options = { timeoutMs, retry };
    const stream = this.#http.start(cluster, headers, call, options, asyncScope, body === null);
    if (stream === null) callbacks.onVerdict(ERROR);
    else if (body !== null) stream.data(body, true);
    return call.ended ? null : stream;
  }
}

/** A copy of what is told of the body, which `headers` say. */
function bodyOf({ body, bodyConfig }: CheckedRequest, headers: HeaderMap): Buffer | null {
  if (body === null || bodyConfig === null) return null;
  const part = toldBody(body, bodyConfig);
  headers.set(PARTIAL_BODY, String(part.length < body.length));
  return Buffer.from(part);
}

const ERROR: Verdict = { kind: "error" };

/** One question. */
class HttpCheck implements AsyncStreamCallbacks {
  ended = false;
  readonly #service: HttpAuthorizationService;
  readonly #callbacks: VerdictCallbacks;
  readonly #clock: Clock;
  readonly #startMs: number;
  #head: HeaderMap | null = null;
  readonly #body: Buffer[] = [];

  constructor(service: HttpAuthorizationService, callbacks: VerdictCallbacks, worker: Clock) {
    this.#service = service;
    this.#callbacks = callbacks;
    this.#clock = worker;
    this.#startMs = worker.nowMs();
  }

  onHeaders(headers: HeaderMap, endStream: boolean): void {
    const tookMs = Math.floor(this.#clock.nowMs() - this.#startMs);
    // A client may see it.
    headers.set("x-envoy-upstream-service-time", String(tookMs));
    this.#head = headers;
    if (endStream) this.#end();
  }

  onData(data: Buffer, endStream: boolean): void {
    this.#body.push(Buffer.from(data));
    if (endStream) this.#end();
  }

  onTrailers(): void {
    this.#end();
  }

  onLocalReply(): void {
    this.#tell(ERROR);
  }

  onReset(): void {
    this.#tell(ERROR);
  }

  onAboveWriteBufferHighWatermark(): void {}
  onBelowWriteBufferLowWatermark(): void {}

  #end(): void {
    const head = this.#head!;
    if (head.status >= 500 && head.status <= 599) this.#tell(ERROR);
    else if (head.status === 200) this.#tell(this.#allowed(head));
    else this.#tell(this.#denied(head));
  }

  #allowed(head: HeaderMap): Verdict {
    const { upstream, append, onSuccess, metadata } = this.#service;
    const remove = head
      .getAll(HEADERS_TO_REMOVE)
      .flatMap((names) => names.split(","))
      .map((name) => name.trim().toLowerCase());
    head.remove(HEADERS_TO_REMOVE);
    return {
      kind: "ok",
      changes: [...changesOf(head, upstream, "set"), ...changesOf(head, append, "add")],
      remove: remove.filter((name) => name !== ""),
      toClient: changesOf(head, onSuccess, "add"),
      ...metadataOf(head, metadata),
    };
  }

  #denied(head: HeaderMap): Verdict {
    head.remove(HEADERS_TO_REMOVE);
    return {
      kind: "denied",
      status: head.status,
      headers: [[":status", String(head.status)], ...linesOf(head, this.#service.client)],
      body: Buffer.concat(this.#body).toString("latin1"),
      ...metadataOf(head, this.#service.metadata),
    };
  }

  #tell(verdict: Verdict): void {
    this.ended = true;
    this.#callbacks.onVerdict(verdict);
  }
}

function linesOf({ entries }: HeaderMap, wanted: NameTest): HeaderLine[] {
  const lines: HeaderLine[] = [];
  for (let i = 0; i < entries.length; i += 2)
    if (wanted(entries[i]!)) lines.push([entries[i]!, entries[i + 1]!]);
  return lines;
}

function changesOf(
  head: HeaderMap,
  wanted: NameTest,
  action: HeaderChange["action"],
): HeaderChange[] {
  return linesOf(head, wanted).map(([name, value]) => ({ name, value, action }));
}

/** Of lines of one name the last one stands. */
function metadataOf(head: HeaderMap, wanted: NameTest): Pick<Verdict, "metadata"> {
  const lines = linesOf(head, wanted);
  if (lines.length === 0) return {};
  return {
    metadata: Object.fromEntries(
      lines.map(([name, value]) => [name, Buffer.from(value, "latin1").toString("utf8")]),
    ),
  };
}
