import { http1Options, type Http1Options } from "@nuncio/codec";
import type { UpstreamHttpConfig } from "../model.ts";

/** The codec's options for a cluster's connections. */
export function http1OptionsOf(config: UpstreamHttpConfig): Http1Options {
  return http1Options({
    maxHeadersKb: config.maxResponseHeadersKb,
    maxHeadersCount: config.maxResponseHeadersCount,
    enableTrailers: config.http1.enableTrailers,
    allowChunkedLength: config.http1.allowChunkedLength,
    headerKeyFormat: config.http1.headerKeyFormat,
    preserveCase: config.http1.preserveCase,
    sendFullyQualifiedUrl: config.http1.sendFullyQualifiedUrl,
  });
}
