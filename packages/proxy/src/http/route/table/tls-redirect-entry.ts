import type { HeaderMap } from "@nuncio/codec";
import type { Metadata } from "../../../observe/stream-info.ts";
import type { RouteEntry } from "../entry.ts";
import type { VirtualHostConfig } from "../model.ts";

/** The answer of a virtual host with `require_tls` to a plain request. No edits and no filter settings apply. */
export class TlsRedirectEntry implements RouteEntry {
  readonly kind = "redirect";
  readonly routeName = "";
  readonly virtualHostName: string;
  readonly metadata = null;
  readonly virtualHostMetadata: Metadata | null;
  readonly traceSamples = null;
  readonly clusterNotFoundStatus = 503;
  readonly timeoutMs = 0;
  readonly idleTimeoutMs = undefined;
  readonly flushTimeoutMs = undefined;
  readonly maxStreamDurationMs = undefined;
  readonly limitsStreams = false;
  readonly grpcTimeoutHeader = null;
  readonly maxGrpcTimeout = null;
  readonly priority = "default";
  readonly mirrorPolicies = null;
  readonly internalRedirect = null;
  readonly retryPolicy = null;
  readonly hedgeOnPerTryTimeout = false;
  readonly setsRetryHeaders = false;
  readonly includeIsTimeoutRetry = false;
  readonly includeRequestAttemptCount = false;
  readonly includeAttemptCountInResponse = false;
  readonly autoHostRewrite = false;
  readonly appendXForwardedHost = false;
  readonly bufferLimitBytes = undefined;
  readonly bufferLimitCapBytes = undefined;
  readonly upgrades = null;
  readonly connect = null;
  readonly corsPolicies = [];
  readonly hashPolicies = null;
  readonly metadataMatch = null;
  readonly responseStatus = 301;
  readonly responseBody = "";
  readonly responseFormat = null;

  constructor({ name, metadata }: VirtualHostConfig) {
    this.virtualHostName = name;
    this.virtualHostMetadata = metadata ?? null;
  }

  requestStats(): null {
    return null;
  }

  clusterName(): string {
    return "";
  }

  finalizeRequestHeaders(): void {}

  finalizeResponseHeaders(): void {}

  rewritePath(): void {}

  /** The port stays, whatever it is, as in Envoy. */
  location(headers: HeaderMap): string {
    return `https://${headers.authority}${headers.path}`;
  }

  perFilterConfig(): unknown {
    return null;
  }

  perFilterConfigs(): readonly unknown[] {
    return [];
  }

  filterDisabled(): boolean | undefined {
    return undefined;
  }
}
