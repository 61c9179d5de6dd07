import type { HeaderMap } from "@nuncio/codec";
import type { WorkerContext } from "../../base/worker-context.ts";
import { buildMatcher } from "../../matching/build.ts";
import { httpInputs } from "../../matching/inputs/http.ts";
import { HttpMatchingData } from "../../matching/matching-data.ts";
import type { MatchTree } from "../../matching/tree/match-tree.ts";
import type { StreamInfo } from "../../observe/stream-info.ts";
import type { TlsInfo } from "../../observe/tls-info.ts";
import { ClientCertElement } from "./client-cert-element.ts";
import type { HeaderRulesConfig } from "./header-rules-model.ts";

const HEADER = "x-forwarded-client-cert";

/**
 * Decides what becomes of x-forwarded-client-cert. Without a certificate of the client nothing can be added, and what it
 * claims is dropped in all modes but ALWAYS_FORWARD_ONLY.
 */
export class ForwardedClientCert {
  readonly #otherwise: ClientCertElement;
  readonly #tree: MatchTree<HttpMatchingData, ClientCertElement> | null;
  readonly #data = new HttpMatchingData();

  constructor(config: HeaderRulesConfig, worker: WorkerContext) {
    const matcher = config.forwardClientCertMatcher;
    this.#otherwise = new ClientCertElement(config.forwardClientCert);
    this.#tree =
      matcher === null
        ? null
        : buildMatcher(matcher, {
            worker,
            inputs: httpInputs,
            buildAction: (action) => new ClientCertElement(action),
          });
  }

  /**
   * For a request that has the header, or whose client may have shown a certificate; `info` tells the peer, as the client's
   * address is not known to matchers yet.
   */
  apply(headers: HeaderMap, info: StreamInfo, tls: TlsInfo | null): void {
    const element = this.#elementFor(headers, info);
    switch (element.details) {
      case "ALWAYS_FORWARD_ONLY":
        return;
      case "SANITIZE":
        headers.remove(HEADER);
        return;
      default:
        if (tls === null || !tls.peerCertificatePresented) headers.remove(HEADER);
        else if (element.details === "SANITIZE_SET") headers.set(HEADER, element.of(tls));
        else if (element.details === "APPEND_FORWARD")
          headers.set(HEADER, element.appendedTo(headers.get(HEADER) ?? "", tls));
    }
  }

  #elementFor(headers: HeaderMap, info: StreamInfo): ClientCertElement {
    if (this.#tree === null) return this.#otherwise;
    this.#data.requestHeaders = headers;
    this.#data.streamInfo = info;
    const found = this.#tree.match(this.#data);
    this.#data.clear();
    return found ?? this.#otherwise;
  }
}
