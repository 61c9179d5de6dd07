import type { HeaderMap } from "@nuncio/codec";
import { CLUSTER_STATS } from "../../observe/stats/tables/cluster.ts";
import { followRedirect } from "./internal-redirect.ts";
import type { ReplayBody } from "./replay-body.ts";
import type { RoutedRequest } from "./routed-request.ts";

const STATS = CLUSTER_STATS.at;

/** Keeps what a request needs to be sent to where a response says, on a route with an internal redirect policy. */
export class RedirectFollower {
  readonly #request: RoutedRequest;
  /** Null for a request without a body. */
  readonly #body: ReplayBody | null;

  constructor(request: RoutedRequest, body: ReplayBody | null) {
    this.#request = request;
    this.#body = body;
  }

  /** True when the response was a redirect that is followed from here, by a new stream. */
  follow(response: HeaderMap, requestComplete: boolean): boolean {
    const request = this.#request;
    const { route, headers, callbacks } = request;
    if (!route.internalRedirect!.codes.includes(response.status)) return false;
    const { method } = headers;
    const followed =
      requestComplete &&
      this.#body?.overflowed !== true &&
      response.has("location") &&
      followRedirect(request.router, callbacks, route, headers, response);
    // What became a GET has no body.
    const body = headers.method === method ? (this.#body?.data ?? null) : null;
    if (followed && callbacks.recreateStream(response, body)) {
      request.countCluster(STATS.upstream_internal_redirect_succeeded_total);
      return true;
    }
    request.countCluster(STATS.upstream_internal_redirect_failed_total);
    return false;
  }
}
