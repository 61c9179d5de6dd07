import type { HeaderMap } from "@nuncio/codec";
import type { WorkerContext } from "../../base/worker-context.ts";
import { buildMatcher } from "../../matching/build.ts";
import { httpInputs } from "../../matching/inputs/http.ts";
import { HttpMatchingData } from "../../matching/matching-data.ts";
import type { MatchTree } from "../../matching/tree/match-tree.ts";
import type { StreamInfo } from "../../observe/stream-info.ts";
import type { ForwardClientCertDetails, HeaderRulesConfig } from "./header-rules-model.ts";

/**
 * Decides what becomes of x-forwarded-client-cert. Connections are plaintext here: there is no certificate that this proxy
 * verified, so that all choices but ALWAYS_FORWARD_ONLY come to the same, and what a client claims is dropped.
 */
export class ForwardedClientCert {
  readonly #otherwise: ForwardClientCertDetails;
  readonly #tree: MatchTree<HttpMatchingData, ForwardClientCertDetails> | null;
  readonly #data = new HttpMatchingData();

  constructor(config: HeaderRulesConfig, worker: WorkerContext) {
    const matcher = config.forwardClientCertMatcher;
    this.#otherwise = config.forwardClientCertDetails;
    this.#tree =
      matcher === null
        ? null
        : buildMatcher(matcher, { worker, inputs: httpInputs, buildAction: (details) => details });
  }

  /** For a request that has the header; `info` tells the peer, as the client's address is not known to matchers yet. */
  apply(headers: HeaderMap, info: StreamInfo): void {
    if (this.#detailsFor(headers, info) !== "ALWAYS_FORWARD_ONLY")
      headers.remove("x-forwarded-client-cert");
  }

  #detailsFor(headers: HeaderMap, info: StreamInfo): ForwardClientCertDetails {
    if (this.#tree === null) return this.#otherwise;
    this.#data.requestHeaders = headers;
    this.#data.streamInfo = info;
    const found = this.#tree.match(this.#data);
    this.#data.clear();
    return found ?? this.#otherwise;
  }
}
