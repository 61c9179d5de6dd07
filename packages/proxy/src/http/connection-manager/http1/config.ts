import type {
  Http1ProtocolOptions,
  HttpProtocolOptions,
} from "@nuncio/api/types/envoy/config/core/v3/protocol_pb";
import type { HttpConnectionManager } from "@nuncio/api/types/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb";
import { DEFAULT_HTTP1_OPTIONS, http1Options, type Http1Options } from "@nuncio/codec";
import type { CompileContext } from "../../../config/context.ts";
import { compileHeaderKeyFormat } from "../../../config/header-key-format.ts";
import {
  compileStringMatcher,
  type StringMatcherConfig,
} from "../../route/matchers/string-matcher.ts";

const UNDERSCORES = ["ALLOW", "REJECT_REQUEST", "DROP_HEADER"] as const;

/** `ignore_http_11_upgrade`: the protocols that a request's `upgrade` names in vain. */
export function compileIgnoredUpgrades(
  hcm: HttpConnectionManager,
  ctx: CompileContext,
): StringMatcherConfig[] {
  const matchers = hcm.httpProtocolOptions?.ignoreHttp11Upgrade ?? [];
  return matchers.map((matcher) => compileStringMatcher(matcher, ctx));
}

/** The options of the downstream codec. */
export function compileHttp1Options(hcm: HttpConnectionManager, ctx: CompileContext): Http1Options {
  const { httpProtocolOptions: http1, commonHttpProtocolOptions: common } = hcm;
  return http1Options({
    maxHeadersKb: hcm.maxRequestHeadersKb ?? DEFAULT_HTTP1_OPTIONS.maxHeadersKb,
    refuseHttpsTarget: hcm.useRemoteAddress === true && hcm.xffNumTrustedHops === 0,
    ...(common === undefined ? {} : limits(common)),
    ...(http1 === undefined ? {} : protocolOptions(http1, ctx)),
  });
}

function limits(common: HttpProtocolOptions): Partial<Http1Options> {
  return {
    maxHeadersCount: common.maxHeadersCount ?? DEFAULT_HTTP1_OPTIONS.maxHeadersCount,
    headersWithUnderscoresAction: UNDERSCORES[common.headersWithUnderscoresAction] ?? "ALLOW",
  };
}

function protocolOptions(http1: Http1ProtocolOptions, ctx: CompileContext): Partial<Http1Options> {
  if (!http1.acceptHttp10 && http1.defaultHostForHttp10 !== "") {
    ctx.problems.warning(http1, "default_host_for_http_10", "has no effect without accept_http_10");
  }
  return {
    allowAbsoluteUrl: http1.allowAbsoluteUrl ?? true,
    acceptHttp10: http1.acceptHttp10,
    defaultHostForHttp10: http1.defaultHostForHttp10,
    ...compileHeaderKeyFormat(http1.headerKeyFormat, ctx),
    enableTrailers: http1.enableTrailers,
    allowChunkedLength: http1.allowChunkedLength,
    allowCustomMethods: http1.allowCustomMethods,
  };
}
