import type { IrPathMatch, IrRouteMatch } from "../../../ir/route.ts";
import type { RuleFaults } from "../http/faults.ts";
import type { RankedMatch } from "../http/matches.ts";
import { checkRegex, escapeRegex } from "../http/regex.ts";
import type { RuleMatcher } from "../http/rules.ts";
import { headerMatches } from "../http/value-matches.ts";
import type { GrpcRouteMatch, GrpcRouteRule } from "../objects.ts";

export const GRPC_RULES: RuleMatcher<GrpcRouteRule> = {
  kind: "GRPCRoute",
  matches: grpcMatches,
  paths: () => [],
};

/** The matches of a rule of a GRPCRoute; none: all requests of gRPC. */
function grpcMatches(
  { matches = [] }: GrpcRouteRule,
  where: string,
  faults: RuleFaults,
): RankedMatch[] {
  const all = matches.length === 0 ? [{}] : matches;
  return all.map((match, i) => grpcMatch(match, `${where}.matches[${i}]`, faults));
}

/** A longer service before others, then longer methods, more headers (GRPCRouteRule.matches). */
function grpcMatch(match: GrpcRouteMatch, where: string, faults: RuleFaults): RankedMatch {
  const { service = "", method = "" } = match.method ?? {};
  const headers = headerMatches(match.headers, `${where}.headers`, faults);
  const path = methodPath(match.method, `${where}.method`, faults);
  const ir: IrRouteMatch = { path, headers, queryParams: [], grpc: true };
  return { match: ir, precedence: [service.length, method.length, headers.length, 0, 0] };
}

/** The path of a method is `/<service>/<method>`; what is left out is any. */
function methodPath(
  { type = "Exact", service = "", method = "" }: NonNullable<GrpcRouteMatch["method"]> = {},
  where: string,
  faults: RuleFaults,
): IrPathMatch {
  if (service === "" && method === "") return { kind: "prefix", value: "/" };
  if (type === "RegularExpression") {
    if (service !== "") checkRegex(service, `${where}.service`, faults);
    if (method !== "") checkRegex(method, `${where}.method`, faults);
    return { kind: "regex", value: `/${anyIfEmpty(service)}/${anyIfEmpty(method)}` };
  }
  if (type !== "Exact")
    faults.unsupported(where, `expected type Exact or RegularExpression, got ${type}`);
  if (method === "") return { kind: "prefix", value: `/${service}` };
  if (service === "") return { kind: "regex", value: `/[^/]+/${escapeRegex(method)}` };
  return { kind: "exact", value: `/${service}/${method}` };
}

function anyIfEmpty(pattern: string): string {
  return pattern === "" ? "[^/]+" : `(?:${pattern})`;
}
