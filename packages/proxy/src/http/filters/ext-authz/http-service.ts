import type { HeaderMap } from "@nuncio/codec";
import type { WorkerContext } from "../../../base/worker-context.ts";
import type { FormatContext } from "../../../observe/stream-info.ts";
import type { AsyncClient } from "../../async-client/async-client.ts";
import type { AsyncStream } from "../../async-client/async-stream.ts";
import type { AsyncStreamCallbacks } from "../../async-client/callbacks.ts";
import {
  applyAddition,
  buildAddition,
  type BuiltAddition,
} from "../../header-mutations/header-mutations.ts";
import {
  buildStringMatcher,
  type StringMatcherConfig,
} from "../../route/matchers/string-matcher.ts";
import type { HttpServiceConfig } from "./model.ts";
import type { HeaderLine, Verdict, VerdictCallbacks } from "./verdict.ts";

/** Names of headers that the service wants to have removed from the request. */
const HEADERS_TO_REMOVE = "x-envoy-auth-headers-to-remove";
/** What a client is told of a denial whatever is configured. */
const ALWAYS_TOLD: readonly string[] = ["content-length", "www-authenticate", "location"];

type Clock = Pick<WorkerContext, "nowMs">;
type NameTest = (name: string) => boolean;

/** A service that is asked by HTTP, on a worker: a request of the same method and path. */
export class HttpAuthorizationService {
  readonly config: HttpServiceConfig;
  readonly upstream: NameTest;
  readonly append: NameTest;
  readonly onSuccess: NameTest;
  readonly client: NameTest;
  readonly #http: AsyncClient;
  readonly #additions: readonly BuiltAddition[];

  constructor(config: HttpServiceConfig, http: AsyncClient) {
    this.config = config;
    this.#http = http;
    this.upstream = buildNameTest(config.upstreamHeaders);
    this.append = buildNameTest(config.upstreamHeadersToAppend);
    this.onSuccess = buildNameTest(config.clientHeadersOnSuccess);
    const told = buildNameTest(config.clientHeaders);
    this.client =
      config.clientHeaders.length === 0
        ? () => true
        : (name) => ALWAYS_TOLD.includes(name) || told(name);
    const { worker } = http.services;
    this.#additions = config.headersToAdd.map((addition) => buildAddition(addition, worker));
  }

  /**
   * Asks about a request; `headers` are those that the service is told, pseudo headers among them, and become its own. The
   * verdict may come before this returns: then, and where there is nothing to cancel, it is null.
   */
  check(
    headers: HeaderMap,
    body: Buffer | null,
    context: FormatContext,
    deniedBodyBytesMax: number,
    callbacks: VerdictCallbacks,
  ): AsyncStream | null {
    const { cluster, timeoutMs, pathPrefix, pathOverride, retry, asyncScope } = this.config;
    headers.path = pathOverride === "" ? pathPrefix + headers.path : pathOverride;
    headers.set("content-length", String(body?.length ?? 0));
    for (const addition of this.#additions) applyAddition(addition, headers, context);
    headers.set("x-envoy-internal", "true");
    if (timeoutMs > 0) headers.set("x-envoy-expected-rq-timeout-ms", String(timeoutMs));
    const call = new HttpCheck(this, deniedBodyBytesMax, callbacks, this.#http.services.worker);
    const options = { timeoutMs, retry };
    const stream = this.#http.start(cluster, headers, call, options, asyncScope, body === null);
    if (stream === null) callbacks.onVerdict(ERROR);
    else if (body !== null) stream.data(body, true);
    return call.ended ? null : stream;
  }
}

const ERROR: Verdict = { kind: "error" };

/** One question. */
class HttpCheck implements AsyncStreamCallbacks {
  ended = false;
  readonly #service: HttpAuthorizationService;
  readonly #bodyBytesMax: number;
  readonly #callbacks: VerdictCallbacks;
  readonly #clock: Clock;
  readonly #startMs: number;
  #head: HeaderMap | null = null;
  readonly #body: Buffer[] = [];

  constructor(
    service: HttpAuthorizationService,
    bodyBytesMax: number,
    callbacks: VerdictCallbacks,
    worker: Clock,
  ) {
    this.#service = service;
    this.#bodyBytesMax = bodyBytesMax;
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
    const { upstream, append, onSuccess } = this.#service;
    const remove = head
      .getAll(HEADERS_TO_REMOVE)
      .flatMap((names) => names.split(","))
      .map((name) => name.trim().toLowerCase());
    head.remove(HEADERS_TO_REMOVE);
    return {
      kind: "ok",
      set: linesOf(head, upstream),
      append: linesOf(head, append),
      remove: remove.filter((name) => name !== ""),
      toClient: linesOf(head, onSuccess),
    };
  }

  #denied(head: HeaderMap): Verdict {
    head.remove(HEADERS_TO_REMOVE);
    const body = Buffer.concat(this.#body);
    const max = this.#bodyBytesMax === 0 ? body.length : this.#bodyBytesMax;
    return {
      kind: "denied",
      status: head.status,
      headers: linesOf(head, this.#service.client),
      body: body.toString("latin1", 0, max),
    };
  }

  #tell(verdict: Verdict): void {
    this.ended = true;
    this.#callbacks.onVerdict(verdict);
  }
}

/** Whether a header is one of those; its name is in lower case. */
export function buildNameTest(configs: readonly StringMatcherConfig[]): NameTest {
  const tests = configs.map(buildStringMatcher);
  return (name) => tests.some((test) => test(name));
}

function linesOf({ entries }: HeaderMap, wanted: NameTest): HeaderLine[] {
  const lines: HeaderLine[] = [];
  for (let i = 0; i < entries.length; i += 2)
    if (wanted(entries[i]!)) lines.push([entries[i]!, entries[i + 1]!]);
  return lines;
}
