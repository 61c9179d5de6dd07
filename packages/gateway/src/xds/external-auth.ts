import type { Any } from "@bufbuild/protobuf/wkt";
import type {
  CheckSettings,
  ExtAuthz,
  ExtAuthzPerRoute,
  HttpService,
} from "@nuncio/api/types/envoy/extensions/filters/http/ext_authz/v3/ext_authz_pb";
import type { StringMatcher } from "@nuncio/api/types/envoy/type/matcher/v3/string_pb";
import type { IrExternalAuthFilter } from "../ir/listener.ts";
import { MESSAGE_HEADERS } from "../ir/message-headers.ts";
import type { IrExternalAuth } from "../ir/route.ts";
import { duration, extension, packed, type Field, type Init } from "./message.ts";
import { NO_BACKEND } from "./sources.ts";

/** An authorization service is given up after this. */
const AUTH_TIMEOUT_MS = 10_000;
/** V3 of xDS. */
const V3 = 2;

/** All but pseudo headers and what tells of the content of the answer. */
const OF_ANY_MESSAGE = notBeginningWith("content-", ":");

/** What routes call the filter by that tells the same headers by the same protocol. */
export function externalAuthName({
  protocol,
  requestHeaders,
}: Pick<IrExternalAuthFilter, "protocol" | "requestHeaders">): string {
  const kind = `envoy.filters.http.ext_authz/${protocol.toLowerCase()}`;
  return requestHeaders.length === 0 ? kind : `${kind}/${requestHeaders.join(",")}`;
}

/**
 * Which headers services are told is a matter of the filter, and of its own protocol: routes with another set of them need another
 * filter. Each route names the service that it asks; the filter's own is not there.
 */
export function externalAuthFilter(filter: IrExternalAuthFilter): {
  name: string;
  typedConfig: Any;
} {
  const { protocol, requestHeaders } = filter;
  return extension<ExtAuthz>(
    externalAuthName(filter),
    "envoy.extensions.filters.http.ext_authz.v3.ExtAuthz",
    {
      transportApiVersion: V3,
      services: protocol === "HTTP" ? httpService(NO_BACKEND) : grpcService(NO_BACKEND),
      ...(requestHeaders.length > 0 && { allowedHeaders: { patterns: exactly(requestHeaders) } }),
      ...(protocol === "HTTP" && {
        decoderHeaderMutationRules: {
          disallowSystem: true,
          // Envoy takes no expression of more than 100 instructions.
          disallowExpression: { regex: MESSAGE_HEADERS.join("|") },
        },
      }),
    },
  );
}

/** Whom requests of a route are asked about at, and what is told of their bodies. */
export function externalAuthOfRoute(auth: IrExternalAuth): Any {
  const { bodyBytesMax } = auth;
  const value: Init<CheckSettings> = {
    serviceOverride: serviceOf(auth),
    ...(bodyBytesMax === undefined
      ? { disableRequestBodyBuffering: true }
      : { withRequestBody: { maxRequestBytes: bodyBytesMax } }),
  };
  return packed<ExtAuthzPerRoute>("envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute", {
    override: { case: "checkSettings", value },
  });
}

type Service = Field<CheckSettings, "serviceOverride">;

function serviceOf(auth: IrExternalAuth): Service {
  const { protocol, cluster, authority, pathPrefix, responseHeaders } = auth;
  if (protocol === "GRPC") return grpcService(cluster, authority);
  const patterns = responseHeaders.length === 0 ? [OF_ANY_MESSAGE] : exactly(responseHeaders);
  return httpService(cluster, {
    ...(pathPrefix !== undefined && { pathPrefix }),
    authorizationResponse: { allowedUpstreamHeaders: { patterns } },
  });
}

function grpcService(
  clusterName: string,
  authority = "",
): Extract<Service, { readonly case: "grpcService" }> {
  const targetSpecifier = { case: "envoyGrpc", value: { clusterName, authority } } as const;
  return { case: "grpcService", value: { targetSpecifier, timeout: duration(AUTH_TIMEOUT_MS) } };
}

function httpService(
  cluster: string,
  more: Init<HttpService> = {},
): Extract<Service, { readonly case: "httpService" }> {
  const serverUri = {
    uri: `http://${cluster}`,
    httpUpstreamType: { case: "cluster", value: cluster } as const,
    timeout: duration(AUTH_TIMEOUT_MS),
  };
  return { case: "httpService", value: { serverUri, ...more } };
}

/** Names of headers are in lower case where they are compared. */
function exactly(names: readonly string[]): Init<StringMatcher>[] {
  return names.map((value) => ({ matchPattern: { case: "exact", value } }));
}

/** RE2 cannot say what must not follow. */
function notBeginningWith(prefix: string, start: string): Init<StringMatcher> {
  const others = Array.from(prefix, (letter, i) =>
    i === 0 ? `[^${start}${letter}].*` : `${prefix.slice(0, i)}([^${letter}].*)?`,
  );
  return { matchPattern: { case: "safeRegex", value: { regex: others.join("|") } } };
}
