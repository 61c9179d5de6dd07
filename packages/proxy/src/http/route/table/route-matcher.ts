import type { HeaderMap } from "@nuncio/codec";
import { buildMatcher } from "../../../matching/build.ts";
import { httpInputs } from "../../../matching/inputs/http.ts";
import { HttpMatchingData } from "../../../matching/matching-data.ts";
import type { MatcherConfig } from "../../../matching/model.ts";
import type { MatchTree } from "../../../matching/tree/match-tree.ts";
import type { StreamInfo } from "../../../observe/stream-info.ts";
import type { RouteConfig } from "../model.ts";
import { RouteList } from "./route-list.ts";
import type { VirtualHost } from "./virtual-host.ts";

/** `VirtualHost.matcher` on a worker. */
export class RouteMatcher {
  readonly #tree: MatchTree<HttpMatchingData, RouteList>;
  readonly #data = new HttpMatchingData();

  constructor(virtualHost: VirtualHost, config: MatcherConfig<readonly RouteConfig[]>) {
    this.#tree = buildMatcher(config, {
      worker: virtualHost.deps.worker,
      inputs: httpInputs,
      buildAction: (routes) => new RouteList(virtualHost, routes),
    });
  }

  /** The routes to look into; null for no match. */
  match(headers: HeaderMap, info: StreamInfo): RouteList | null {
    this.#data.requestHeaders = headers;
    this.#data.streamInfo = info;
    const found = this.#tree.match(this.#data);
    this.#data.clear();
    return found ?? null;
  }
}
