import type { IrCors } from "../../../ir/route.ts";
import type { CorsFilter } from "../objects.ts";

/** HTTPCORSFilter.maxAge */
const DEFAULT_MAX_AGE_SECONDS = 5;

/** What pages of other origins may do; what the filter leaves open is none. */
export function cors(filter: CorsFilter): IrCors {
  return {
    allowOrigins: filter.allowOrigins ?? [],
    allowMethods: filter.allowMethods ?? [],
    allowHeaders: filter.allowHeaders ?? [],
    exposeHeaders: filter.exposeHeaders ?? [],
    maxAgeSeconds: filter.maxAge ?? DEFAULT_MAX_AGE_SECONDS,
    allowCredentials: filter.allowCredentials ?? false,
  };
}
