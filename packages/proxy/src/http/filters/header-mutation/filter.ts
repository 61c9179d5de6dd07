import type { HeaderMap } from "@nuncio/codec";
import type { WorkerContext } from "../../../base/worker-context.ts";
import { isGrpcRequest } from "../../../observe/format/grpc-status.ts";
import type { FormatContext, StreamInfo } from "../../../observe/stream-info.ts";
import { HeadersStatus, TrailersStatus } from "../../filter.ts";
import type {
  DecoderFilterCallbacks,
  EncoderFilterCallbacks,
  HttpFilter,
  StreamFilterCallbacks,
} from "../../filter.ts";
import { HeaderMutationList } from "../../header-mutations/header-mutation-list.ts";
import { QueryMutations } from "../../header-mutations/query-mutations.ts";
import type { HttpFilterFactory, HttpFilterWorkerSide } from "../extension.ts";
import type { HeaderMutationConfig, MutationsConfig } from "./model.ts";

const CONFIG_TYPE = "envoy.extensions.filters.http.header_mutation.v3.HeaderMutation";

/** Worker side of the header mutation filter. */
export const headerMutationWorkerSide: HttpFilterWorkerSide<HeaderMutationConfig, MutationsConfig> =
  {
    configType: CONFIG_TYPE,
    perRouteType: "envoy.extensions.filters.http.header_mutation.v3.HeaderMutationPerRoute",
    build: (config, worker) => new HeaderMutationFactory(config, worker),
    buildPerRoute: buildMutations,
  };

/** `Mutations` on a worker; null where there is nothing to do. */
interface BuiltMutations {
  readonly request: HeaderMutationList | null;
  readonly query: QueryMutations | null;
  readonly requestTrailers: HeaderMutationList | null;
  readonly response: HeaderMutationList | null;
  readonly responseTrailers: HeaderMutationList | null;
}

type HeaderKind = "request" | "requestTrailers" | "response" | "responseTrailers";

class HeaderMutationFactory implements HttpFilterFactory {
  readonly #mutations: BuiltMutations;
  readonly #mostSpecificWins: boolean;

  constructor(config: HeaderMutationConfig, worker: WorkerContext) {
    this.#mutations = buildMutations(config.mutations, worker);
    this.#mostSpecificWins = config.mostSpecificWins;
  }

  create(): HttpFilter {
    return new HeaderMutationFilter(this.#mutations, this.#mostSpecificWins);
  }
}

/** One stream. It is itself the context of its formats: it knows all that they read. */
class HeaderMutationFilter implements HttpFilter, FormatContext {
  requestHeaders: HeaderMap | null = null;
  responseHeaders: HeaderMap | null = null;
  responseTrailers: HeaderMap | null = null;
  readonly localReplyBody = "";
  readonly #own: BuiltMutations;
  readonly #mostSpecificWins: boolean;
  /** One object serves both directions; whichever is set first is here before any other call. */
  #callbacks!: StreamFilterCallbacks;
  /** The route's mutations in the order of their application; null before the first use. */
  #ofRoute: readonly BuiltMutations[] | null = null;

  constructor(own: BuiltMutations, mostSpecificWins: boolean) {
    this.#own = own;
    this.#mostSpecificWins = mostSpecificWins;
  }

  get streamInfo(): StreamInfo {
    return this.#callbacks.streamInfo;
  }

  setDecoderFilterCallbacks(callbacks: DecoderFilterCallbacks): void {
    this.#callbacks = callbacks;
  }

  setEncoderFilterCallbacks(callbacks: EncoderFilterCallbacks): void {
    this.#callbacks = callbacks;
  }

  decodeHeaders(headers: HeaderMap): HeadersStatus {
    this.requestHeaders = headers;
    this.streamInfo.grpc ??= isGrpcRequest(headers);
    this.#apply("request", headers);
    this.#own.query?.apply(headers, this);
    for (const mutations of this.#routeMutations()) mutations.query?.apply(headers, this);
    return HeadersStatus.Continue;
  }

  decodeTrailers(trailers: HeaderMap): TrailersStatus {
    this.#apply("requestTrailers", trailers);
    return TrailersStatus.Continue;
  }

  encodeHeaders(headers: HeaderMap): HeadersStatus {
    this.requestHeaders = this.#callbacks.requestHeaders;
    this.responseHeaders = headers;
    this.#apply("response", headers);
    return HeadersStatus.Continue;
  }

  encodeTrailers(trailers: HeaderMap): TrailersStatus {
    this.responseTrailers = trailers;
    this.#apply("responseTrailers", trailers);
    return TrailersStatus.Continue;
  }

  #apply(kind: HeaderKind, headers: HeaderMap): void {
    this.#own[kind]?.apply(headers, this);
    for (const mutations of this.#routeMutations()) mutations[kind]?.apply(headers, this);
  }

  #routeMutations(): readonly BuiltMutations[] {
    if (this.#ofRoute === null) {
      const configs = this.#callbacks.perRouteConfigs(CONFIG_TYPE) as readonly BuiltMutations[];
      this.#ofRoute = this.#mostSpecificWins || configs.length < 2 ? configs : configs.toReversed();
    }
    return this.#ofRoute;
  }
}

function buildMutations(config: MutationsConfig, worker: WorkerContext): BuiltMutations {
  const list = (kind: HeaderKind): HeaderMutationList | null =>
    config[kind].length === 0 ? null : new HeaderMutationList(config[kind], worker);
  return {
    request: list("request"),
    query: config.query.length === 0 ? null : new QueryMutations(config.query, worker),
    requestTrailers: list("requestTrailers"),
    response: list("response"),
    responseTrailers: list("responseTrailers"),
  };
}
