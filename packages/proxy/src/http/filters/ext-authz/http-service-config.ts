import type { HttpService } from "@nuncio/api/types/envoy/extensions/filters/http/ext_authz/v3/ext_authz_pb";
import type { ListStringMatcher } from "@nuncio/api/types/envoy/type/matcher/v3/string_pb";
import type { CompileContext } from "../../../config/context.ts";
import { compileDuration } from "../../../config/durations.ts";
import { toByteString } from "../../../observe/format/byte-string.ts";
import { ROUTER_STATS } from "../../../observe/stats/tables/router.ts";
import { compileHeaderValue } from "../../header-mutations/compile.ts";
import { compileCoreRetryPolicy } from "../../retry/compile.ts";
import {
  compileStringMatcher,
  type StringMatcherConfig,
} from "../../route/matchers/string-matcher.ts";
import type { HttpServiceConfig } from "./model.ts";

const PACKAGE = "envoy.extensions.filters.http.ext_authz.v3";

/** Fields of `http_service` that are implemented. */
export const implemented = {
  [`${PACKAGE}.HttpService`]: "all",
  [`${PACKAGE}.AuthorizationRequest`]: "all",
  [`${PACKAGE}.AuthorizationResponse`]: "all",
  "envoy.config.core.v3.HttpUri": "all",
  "envoy.type.matcher.v3.ListStringMatcher": "all",
} as const;

/** Null without a server, which validate.rules want. */
export function compileHttpService(
  message: HttpService,
  ctx: CompileContext,
): HttpServiceConfig | null {
  const { serverUri, pathPrefix, pathOverride, authorizationResponse: answer } = message;
  if (serverUri === undefined) return null;
  checkPath(message, "path_prefix", pathPrefix, ctx);
  checkPath(message, "path_override", pathOverride, ctx);
  if (pathPrefix !== "" && pathOverride !== "") {
    const text = "path_override and path_prefix cannot be set at the same time.";
    ctx.problems.error(message, "path_override", text);
  }
  const { timeout, httpUpstreamType: upstream } = serverUri;
  const { retryPolicy: retry } = message;
  return {
    kind: "http",
    cluster: upstream.case === "cluster" ? upstream.value : "",
    timeoutMs: compileDuration(serverUri, "timeout", timeout, 0, ctx),
    pathPrefix: toByteString(pathPrefix),
    pathOverride: toByteString(pathOverride),
    headersToAdd: (message.authorizationRequest?.headersToAdd ?? []).map((value) =>
      compileHeaderValue(value, "OVERWRITE_IF_EXISTS_OR_ADD", ctx),
    ),
    upstreamHeaders: compileList(answer?.allowedUpstreamHeaders, ctx),
    upstreamHeadersToAppend: compileList(answer?.allowedUpstreamHeadersToAppend, ctx),
    clientHeadersOnSuccess: compileList(answer?.allowedClientHeadersOnSuccess, ctx),
    clientHeaders: compileList(answer?.allowedClientHeaders, ctx),
    metadataHeaders: compileList(answer?.dynamicMetadataFromHeaders, ctx),
    retry: retry === undefined ? null : compileCoreRetryPolicy(retry, retry.retryOn, ctx),
    asyncScope: ctx.stats.scope("http.async-client.", ROUTER_STATS),
  };
}

/** Matchers of header names. */
export function compileList(
  message: ListStringMatcher | undefined,
  ctx: CompileContext,
): StringMatcherConfig[] {
  return (message?.patterns ?? []).map((pattern) => compileStringMatcher(pattern, ctx));
}

function checkPath(
  message: HttpService,
  field: "path_prefix" | "path_override",
  path: string,
  ctx: CompileContext,
): void {
  if (path === "" || path.startsWith("/")) return;
  ctx.problems.error(message, field, `${field} should start with "/".`);
}
