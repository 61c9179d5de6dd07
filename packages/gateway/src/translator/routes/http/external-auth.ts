import type { IrExternalAuth } from "../../../ir/route.ts";
import type { ExternalAuthFilter } from "../objects.ts";
import type { RuleContext } from "./rule-context.ts";

/** As much as data planes can be told (uint32). */
const BODY_BYTES_MAX = 2 ** 32 - 1;

/** Null: there is nobody to ask, so nobody may pass. */
export function externalAuth(
  filter: ExternalAuthFilter,
  where: string,
  { backends, faults }: RuleContext,
): IrExternalAuth | null {
  const { protocol, http, grpc, forwardBody } = filter;
  if (protocol !== "GRPC" && protocol !== "HTTP") {
    faults.unsupported(`${where}.protocol`, `expected GRPC or HTTP, got ${protocol}`);
    return null;
  }
  if (protocol === "GRPC" && (grpc?.allowedHeaders ?? []).length > 0) {
    // A data plane tells all services of gRPC of a listener the same headers: these would see more than they may.
    faults.fails = true;
    faults.unsupported(`${where}.grpc.allowedHeaders`, "is not supported: all headers are told");
  }
  const cluster = backends.resolve(filter.backendRef, {
    protocol: protocol === "GRPC" ? "grpc" : "http",
    where: `${where}.backendRef`,
  });
  const bodyBytesMax = forwardBody?.maxSize ?? 0;
  if (bodyBytesMax < 0 || bodyBytesMax > BODY_BYTES_MAX) {
    faults.fails = true;
    const expected = `expected 0 to ${BODY_BYTES_MAX} bytes`;
    faults.unsupported(`${where}.forwardBody.maxSize`, `${expected}, got ${bodyBytesMax}`);
  }
  if (cluster === null) return null;
  return {
    protocol,
    cluster,
    ...(protocol === "HTTP" ? httpConfig(http) : TOLD_ALL),
    ...(bodyBytesMax > 0 && { bodyBytesMax }),
  };
}

type Told = Pick<IrExternalAuth, "pathPrefix" | "requestHeaders" | "responseHeaders">;

function httpConfig({ path, ...headers }: ExternalAuthFilter["http"] = {}): Told {
  return {
    ...(path !== undefined && { pathPrefix: path }),
    requestHeaders: headers.allowedHeaders ?? [],
    responseHeaders: headers.allowedResponseHeaders ?? [],
  };
}

const TOLD_ALL: Told = { requestHeaders: [], responseHeaders: [] };
