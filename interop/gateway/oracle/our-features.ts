import type { IrCors, IrForward } from "@nuncio/gateway";
import type { ActionParts } from "./actions.ts";
import type { CorsParts } from "./route-features.ts";

/** Without retries there is one attempt, and the shorter limit is the one that counts. */
export function timeParts({
  timeoutMs,
  backendTimeoutMs,
  retry,
}: IrForward): Pick<ActionParts, "timeoutMs" | "retry"> {
  if (retry !== undefined) {
    const { attempts, statusCodes, backoffMs } = retry;
    return {
      timeoutMs,
      retry: { attempts, codes: statusCodes, backoffMs, timeoutMs: backendTimeoutMs },
    };
  }
  const limits = [timeoutMs, backendTimeoutMs].filter((one) => one !== undefined);
  const [shortest] = limits.toSorted((a, b) => (a || Infinity) - (b || Infinity));
  return { timeoutMs: shortest };
}

/** What is answered to other origins. */
export function corsParts(cors: IrCors): CorsParts {
  return {
    origins: cors.allowOrigins.map(originPattern),
    methods: cors.allowMethods,
    headers: cors.allowHeaders,
    exposed: cors.exposeHeaders,
    maxAgeSeconds: cors.maxAgeSeconds,
    credentials: cors.allowCredentials,
  };
}

function originPattern(origin: string): string {
  return origin.includes("*") ? origin.replaceAll(".", "\\.").replaceAll("*", ".*") : origin;
}
