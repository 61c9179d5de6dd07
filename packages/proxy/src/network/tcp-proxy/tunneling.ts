import { randomUUID } from "node:crypto";
import { HeaderMap } from "@nuncio/codec";
import type { WorkerContext } from "../../base/worker-context.ts";
import { HeaderMutations } from "../../http/header-mutations/header-mutations.ts";
import type { FilterStateObject } from "../../observe/filter-state-object.ts";
import { buildFormatter, type Formatter } from "../../observe/format/formatter.ts";
import { connectionContext, type StreamInfo } from "../../observe/stream-info.ts";
import type { TunnelingConfig } from "./model.ts";

const METADATA = "envoy.filters.network.tcp_proxy";
const RESPONSE_HEADERS = "envoy.tcp_proxy.propagate_response_headers";
const RESPONSE_TRAILERS = "envoy.tcp_proxy.propagate_response_trailers";

/** What the tunnels of one TCP proxy on one worker say, and what they note of the answers. */
export class Tunneling {
  readonly #config: TunnelingConfig;
  readonly #hostname: Formatter;
  readonly #headers: HeaderMutations | null;

  constructor(config: TunnelingConfig, worker: WorkerContext) {
    this.#config = config;
    this.#hostname = buildFormatter(config.hostname, worker);
    this.#headers =
      config.headersToAdd === null ? null : new HeaderMutations(config.headersToAdd, worker);
  }

  /** The head of the request that opens the tunnel of a connection; `secure`: over TLS. */
  requestHeaders(info: StreamInfo, secure: boolean): HeaderMap {
    const { postPath, requestId } = this.#config;
    const context = connectionContext(info);
    const headers = new HeaderMap();
    headers.authority = this.#hostname.text(context);
    headers.method = "CONNECT";
    if (postPath !== "") {
      headers.method = "POST";
      headers.path = postPath;
      headers.scheme = secure ? "https" : "http";
    }
    this.#headers?.apply(headers, context);
    if (requestId === null) return headers;
    const id = randomUUID();
    headers.set(requestId.header, id);
    const before = info.dynamicMetadata;
    const own = { ...before?.[METADATA], [requestId.metadataKey]: id };
    info.dynamicMetadata = { ...before, [METADATA]: own };
    return headers;
  }

  noteResponseHeaders(headers: HeaderMap, info: StreamInfo): void {
    if (this.#config.propagatesHeaders) note(RESPONSE_HEADERS, headers, info);
  }

  noteResponseTrailers(trailers: HeaderMap, info: StreamInfo): void {
    if (this.#config.propagatesTrailers) note(RESPONSE_TRAILERS, trailers, info);
  }
}

/** Puts headers where other filters of the connection and its log find them: `envoy.config.core.v3.HeaderMap`. */
function note(key: string, { status, entries }: HeaderMap, info: StreamInfo): void {
  const headers = status === 0 ? [] : [{ key: ":status", value: String(status) }];
  for (let i = 0; i < entries.length; i += 2)
    headers.push({ key: entries[i]!, value: entries[i + 1]! });
  const object: FilterStateObject = { filterStateText: null, filterStateJson: { headers } };
  (info.filterState ??= new Map()).set(key, object);
}
