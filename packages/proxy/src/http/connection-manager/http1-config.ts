import { http1Options, type Http1Options } from "@nuncio/codec";
import type { HttpConnectionManager } from "@nuncio/api/types/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb";
import type { CompileContext } from "../../config/context.ts";

const UNDERSCORES = ["ALLOW", "REJECT_REQUEST", "DROP_HEADER"] as const;

/** The options of the downstream codec. */
export function compileHttp1Options(hcm: HttpConnectionManager, ctx: CompileContext): Http1Options {
  const http1 = hcm.httpProtocolOptions;
  const common = hcm.commonHttpProtocolOptions;
  const format = http1?.headerKeyFormat?.headerFormat;
  if (http1?.acceptHttp10 !== true && (http1?.defaultHostForHttp10 ?? "") !== "") {
    ctx.problems.warning(http1!, "default_host_for_http_10", "has no effect without accept_http_10");
  }
  return http1Options({
    maxHeadersKb: hcm.maxRequestHeadersKb ?? 60,
    maxHeadersCount: common?.maxHeadersCount ?? 100,
    headersWithUnderscoresAction: UNDERSCORES[common?.headersWithUnderscoresAction ?? 0] ?? "ALLOW",
    allowAbsoluteUrl: http1?.allowAbsoluteUrl ?? true,
    acceptHttp10: http1?.acceptHttp10 ?? false,
    defaultHostForHttp10: http1?.defaultHostForHttp10 ?? "",
    headerKeyFormat: format?.case === "properCaseWords" ? "proper_case_words" : "lower_case",
    enableTrailers: http1?.enableTrailers ?? false,
    allowChunkedLength: http1?.allowChunkedLength ?? false,
    allowCustomMethods: http1?.allowCustomMethods ?? false,
  });
}
