import type { RuntimeFractionalPercent } from "@nuncio/api/types/envoy/config/core/v3/base_pb";
import type {
  HeaderMatcher,
  QueryParameterMatcher,
  RouteMatch,
} from "@nuncio/api/types/envoy/config/route/v3/route_components_pb";
import type { StringMatcher } from "@nuncio/api/types/envoy/type/matcher/v3/string_pb";
import type { IrFraction, IrPathMatch, IrRouteMatch, IrStringMatch } from "../ir/route.ts";
import type { Field, Init } from "./message.ts";

/** `FractionalPercent.DenominatorType` */
const HUNDRED = 0;
const MILLION = 2;

/** What a request has to be for a route. */
export function routeMatch(match: IrRouteMatch): Init<RouteMatch> {
  const { path, method, headers, queryParams, grpc, fraction } = match;
  return {
    pathSpecifier: pathMatch(path),
    headers: [
      ...(method === undefined
        ? []
        : [headerMatch({ name: ":method", kind: "exact", value: method })]),
      ...headers.map(headerMatch),
    ],
    queryParameters: queryParams.map(queryParamMatch),
    ...(grpc === undefined ? {} : { grpc: {} }),
    ...(fraction === undefined ? {} : { runtimeFraction: runtimeFraction(fraction) }),
  };
}

/** So many requests of all. Envoy's denominators are 100 and some powers of ten. */
export function runtimeFraction(fraction: IrFraction): Init<RuntimeFractionalPercent> {
  const { numerator, denominator } = fraction;
  if (denominator === 100) return { defaultValue: { numerator, denominator: HUNDRED } };
  const millionths = Math.round((numerator / denominator) * 1_000_000);
  return { defaultValue: { numerator: millionths, denominator: MILLION } };
}

/** The prefix without what Gateway API gives no meaning: a slash at its end. Empty for all paths. */
export function prefixSegments(prefix: string): string {
  return prefix.replace(/\/+$/, "");
}

function pathMatch({ kind, value }: IrPathMatch): Field<RouteMatch, "pathSpecifier"> {
  if (kind === "exact") return { case: "path", value };
  if (kind === "regex") return { case: "safeRegex", value: { regex: value } };
  const prefix = prefixSegments(value);
  return prefix === ""
    ? { case: "prefix", value: "/" }
    : { case: "pathSeparatedPrefix", value: prefix };
}

function headerMatch(match: IrStringMatch): Init<HeaderMatcher> {
  const { name } = match;
  return { name, headerMatchSpecifier: { case: "stringMatch", value: stringMatch(match) } };
}

function queryParamMatch(match: IrStringMatch): Init<QueryParameterMatcher> {
  const { name } = match;
  return {
    name,
    queryParameterMatchSpecifier: { case: "stringMatch", value: stringMatch(match) },
  };
}

function stringMatch({ kind, value }: IrStringMatch): Init<StringMatcher> {
  return {
    matchPattern:
      kind === "exact" ? { case: "exact", value } : { case: "safeRegex", value: { regex: value } },
  };
}
