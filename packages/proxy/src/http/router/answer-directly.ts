import type { HeaderMap } from "@nuncio/codec";
import { ROUTER_STATS } from "../../observe/stats/tables/router.ts";
import type { DecoderFilterCallbacks } from "../filter.ts";
import type { RouteEntry } from "../route/entry.ts";
import type { Router } from "./router.ts";

/** Answers a request whose route is a redirect or a direct response. */
export function answerDirectly(
  router: Router,
  callbacks: DecoderFilterCallbacks,
  route: RouteEntry,
  headers: HeaderMap,
): void {
  // Redirects too: Envoy's `rq_redirect` counts something else.
  router.count(ROUTER_STATS.at.rq_direct_response);
  route.rewritePath(headers, !router.config.suppressEnvoyHeaders);
  const location = route.location(headers);
  callbacks.sendLocalReply(
    route.responseStatus,
    route.responseBody,
    "direct_response",
    (response) => {
      if (location !== "") response.set("location", location);
      route.finalizeResponseHeaders(response, callbacks.responseContext(response));
    },
  );
}
