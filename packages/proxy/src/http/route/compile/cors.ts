import type { CorsPolicy } from "@nuncio/api/types/envoy/config/route/v3/route_components_pb";
import type { CompileContext } from "../../../config/context.ts";
import { compileStringMatcher } from "../matchers/string-matcher.ts";

/**
 * Checks the deprecated `cors` of a virtual host or route, as Envoy does. Nothing is kept of it: only the CORS filter heeds
 * it, and there is none.
 */
export function checkCors(message: CorsPolicy | undefined, ctx: CompileContext): void {
  for (const matcher of message?.allowOriginStringMatch ?? []) compileStringMatcher(matcher, ctx);
}
