import type { HeaderMap } from "@nuncio/codec";
import { buildMatcher } from "../../../matching/build.ts";
import { httpInputs } from "../../../matching/inputs/http.ts";
import { HttpMatchingData } from "../../../matching/matching-data.ts";
import type { MatcherConfig } from "../../../matching/model.ts";
import type { MatchTree } from "../../../matching/tree/match-tree.ts";
import type { StreamInfo } from "../../../observe/stream-info.ts";
import type { RouteActionConfig, RouteConfig } from "../model.ts";
import type { EntryChoice } from "./entry-choice.ts";
import { CompiledRouteEntry } from "./route-entry.ts";
import type { VirtualHost } from "./virtual-host.ts";

/** A route whose cluster a matcher chooses: one entry for each cluster, built when it is first chosen. */
export class MatchedChoice implements EntryChoice {
  readonly #virtualHost: VirtualHost;
  readonly #route: RouteConfig;
  readonly #action: RouteActionConfig;
  readonly #tree: MatchTree<HttpMatchingData, string>;
  readonly #data = new HttpMatchingData();
  readonly #entries = new Map<string, CompiledRouteEntry>();

  constructor(
    virtualHost: VirtualHost,
    route: RouteConfig,
    action: RouteActionConfig,
    matcher: MatcherConfig<string>,
  ) {
    this.#virtualHost = virtualHost;
    this.#route = route;
    this.#action = action;
    this.#tree = buildMatcher(matcher, {
      worker: virtualHost.deps.worker,
      inputs: httpInputs,
      buildAction: (cluster) => cluster,
    });
  }

  pick(headers: HeaderMap, info: StreamInfo): CompiledRouteEntry {
    this.#data.requestHeaders = headers;
    this.#data.streamInfo = info;
    // No match is a cluster that is not there.
    const name = this.#tree.match(this.#data) ?? "";
    this.#data.clear();
    let entry = this.#entries.get(name);
    if (entry === undefined) {
      const action = { ...this.#action, cluster: { kind: "cluster" as const, name } };
      entry = new CompiledRouteEntry(this.#virtualHost, { ...this.#route, action }, null);
      this.#entries.set(name, entry);
    }
    return entry;
  }
}
