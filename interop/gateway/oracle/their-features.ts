import type { ActionParts } from "./actions.ts";
import { INVALID } from "./connections.ts";
import {
  backendTlsText,
  HTTP2,
  type CorsParts,
  type RetryParts,
  type SessionParts,
} from "./route-features.ts";

/** A backend as Envoy Gateway's representation has it. */
export interface TheirBackend {
  readonly weight?: number;
  readonly invalid?: boolean;
  readonly metadata?: {
    readonly namespace: string;
    readonly name: string;
    readonly sectionName?: string;
  };
  /** `HTTP`, `HTTP2`, `GRPC`, `TCP`... */
  readonly protocol?: string;
  readonly tls?: TheirBackendTls;
}

interface TheirBackendTls {
  readonly sni?: string;
  readonly useSystemTrustStore?: boolean;
  /** `<policy>/<namespace>-ca` */
  readonly caCertificate?: { readonly name: string };
  readonly subjectAltNames?: readonly { readonly hostname?: string; readonly uri?: string }[];
}

/** What it says of a route beside what is done with a request. */
export interface TheirFeatures {
  readonly cors?: {
    readonly allowOrigins?: readonly { readonly exact?: string; readonly safeRegex?: string }[];
    readonly allowMethods?: readonly string[];
    readonly allowHeaders?: readonly string[];
    readonly exposeHeaders?: readonly string[];
    readonly maxAge?: string;
    readonly allowCredentials?: boolean;
  };
  readonly retry?: {
    readonly numRetries?: number;
    readonly perRetry?: {
      readonly timeout?: string;
      readonly backOff?: { readonly baseInterval?: string };
    };
    readonly retryOn?: { readonly httpStatusCodes?: readonly number[] };
  };
  readonly sessionPersistence?: {
    readonly cookie?: { readonly name: string; readonly ttl?: string };
    readonly header?: { readonly name: string };
  };
}

/** Unless a retry says how many. */
const ATTEMPTS = 2;
const UNITS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };

/** The same in the form that ours is brought to. */
export function featureParts({
  cors,
  retry,
  sessionPersistence,
}: TheirFeatures): Pick<ActionParts, "cors" | "retry" | "session"> {
  return {
    ...(cors !== undefined && { cors: corsParts(cors) }),
    ...(retry !== undefined && { retry: retryParts(retry) }),
    ...(sessionPersistence !== undefined && { session: sessionParts(sessionPersistence) }),
  };
}

function corsParts(cors: NonNullable<TheirFeatures["cors"]>): CorsParts {
  return {
    origins: (cors.allowOrigins ?? []).map((one) => one.exact ?? one.safeRegex ?? ""),
    methods: cors.allowMethods ?? [],
    headers: cors.allowHeaders ?? [],
    exposed: cors.exposeHeaders ?? [],
    maxAgeSeconds: (milliseconds(cors.maxAge) ?? 0) / 1_000,
    credentials: cors.allowCredentials === true,
  };
}

function retryParts({
  numRetries = ATTEMPTS,
  perRetry,
  retryOn,
}: NonNullable<TheirFeatures["retry"]>): RetryParts {
  return {
    attempts: numRetries,
    codes: retryOn?.httpStatusCodes ?? [],
    backoffMs: milliseconds(perRetry?.backOff?.baseInterval),
    timeoutMs: milliseconds(perRetry?.timeout),
  };
}

function sessionParts({
  cookie,
  header,
}: NonNullable<TheirFeatures["sessionPersistence"]>): SessionParts {
  return {
    kind: header === undefined ? "cookie" : "header",
    name: (header ?? cookie)?.name ?? "",
    ttlMs: milliseconds(cookie?.ttl),
  };
}

/** `namespace/name:port`, and how TLS is spoken to it. */
export function theirBackend({ invalid, metadata, protocol, tls }: TheirBackend): string {
  if (invalid === true || metadata === undefined) return INVALID;
  const { namespace, name, sectionName } = metadata;
  const isHttp2 = protocol === "HTTP2" || protocol === "GRPC";
  return `${namespace}/${name}:${sectionName}${isHttp2 ? HTTP2 : ""}${tlsText(tls)}`;
}

function tlsText(tls: TheirBackendTls | undefined): string {
  if (tls === undefined) return "";
  const { sni = "", useSystemTrustStore, caCertificate, subjectAltNames = [] } = tls;
  const [policy = "", namespace = ""] = caCertificate?.name.split("/") ?? [];
  return backendTlsText({
    sni,
    ca: useSystemTrustStore === true ? "system" : `${namespace.replace(/-ca$/, "")}/${policy}`,
    names: subjectAltNames.map(({ hostname, uri }) =>
      uri === undefined ? `dns:${hostname}` : `uri:${uri}`,
    ),
  });
}

/** A duration as Go writes it: `1h0m0s`, `200ms`. */
export function milliseconds(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const parts = text.matchAll(/([\d.]+)(ms|h|m|s)/g);
  return Array.from(parts, ([, count, unit]) => Number(count) * UNITS[unit!]!).reduce(
    (sum, one) => sum + one,
    0,
  );
}
