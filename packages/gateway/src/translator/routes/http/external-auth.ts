import type { IrExternalAuth } from "../../../ir/route.ts";
import type { ExternalAuthFilter } from "../objects.ts";
import type { RuleContext } from "./rule-context.ts";

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
  const cluster = backends.resolve(filter.backendRef, {
    protocol: protocol === "GRPC" ? "grpc" : "http",
    where: `${where}.backendRef`,
  });
  if (cluster === null) return null;
  const bodyBytesMax = forwardBody?.maxSize ?? 0;
  return {
    protocol,
    cluster,
    ...(protocol === "HTTP" ? httpConfig(http) : grpcConfig(grpc)),
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

function grpcConfig({ allowedHeaders = [] }: ExternalAuthFilter["grpc"] = {}): Told {
  return { requestHeaders: allowedHeaders, responseHeaders: [] };
}
