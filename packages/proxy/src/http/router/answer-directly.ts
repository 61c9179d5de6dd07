import type { HeaderMap } from "@nuncio/codec";
import { ROUTER_STATS } from "../../observe/stats/tables/router.ts";
import type { FormatContext } from "../../observe/stream-info.ts";
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
  const { formatContext } = callbacks;
  route.rewritePath(headers, formatContext, !router.config.suppressEnvoyHeaders);
  const location = route.location(headers, formatContext);
  callbacks.sendLocalReply(
    route.responseStatus,
    bodyOf(route, formatContext),
    "direct_response",
    (response) => {
      if (location !== "") response.set("location", location);
      route.finalizeResponseHeaders(response, callbacks.responseContext(response));
      setContentType(response, route);
    },
  );
}

function bodyOf(route: RouteEntry, context: FormatContext): string {
  const { responseBody: localReplyBody, responseFormat } = route;
  if (responseFormat === null) return localReplyBody;
  const { streamInfo, requestHeaders } = context;
  return responseFormat.formatter.text({
    streamInfo,
    requestHeaders,
    responseHeaders: null,
    responseTrailers: null,
    localReplyBody,
  });
}

/** The type of a format wins over that of an edit, as in Envoy. */
function setContentType(response: HeaderMap, { responseFormat }: RouteEntry): void {
  if (responseFormat === null || responseFormat.contentType === "") return;
  response.remove("content-type");
  response.set("content-type", responseFormat.contentType);
}
