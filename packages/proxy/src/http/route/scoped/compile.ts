import type { ScopedRouteConfiguration } from "@nuncio/api/types/envoy/config/route/v3/scoped_route_pb";
import type {
  ScopedRoutes,
  ScopedRoutes_ScopeKeyBuilder_FragmentBuilder_HeaderValueExtractor as HeaderValueExtractor,
} from "@nuncio/api/types/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb";
import type { CompileContext } from "../../../config/context.ts";
import { toByteString } from "../../../observe/format/byte-string.ts";
import type { HttpFilterRegistry } from "../../filters/extension.ts";
import { compileRouteConfiguration } from "../compile.ts";
import type { HeaderValueExtractorConfig, ScopeConfig, ScopedRoutesConfig } from "./model.ts";

const SCOPED_ROUTES = "envoy.extensions.filters.network.http_connection_manager.v3.ScopedRoutes";
const BUILDER = `${SCOPED_ROUTES}.ScopeKeyBuilder`;
const EXTRACTOR = `${BUILDER}.FragmentBuilder.HeaderValueExtractor`;
const SCOPE = "envoy.config.route.v3.ScopedRouteConfiguration";

/** Fields of `scoped_routes` that do something: what needs no xDS server. */
export const implemented = {
  [SCOPED_ROUTES]: ["name", "scope_key_builder", "scoped_route_configurations_list"],
  [BUILDER]: ["fragments"],
  [`${BUILDER}.FragmentBuilder`]: ["header_value_extractor"],
  [EXTRACTOR]: ["name", "element_separator", "index", "element"],
  [`${EXTRACTOR}.KvElement`]: ["separator", "key"],
  "envoy.extensions.filters.network.http_connection_manager.v3.ScopedRouteConfigurationsList": [
    "scoped_route_configurations",
  ],
  // on_demand is about scopes of an xDS server; with inline ones it changes nothing, in Envoy neither.
  [SCOPE]: ["on_demand", "name", "route_configuration_name", "route_configuration", "key"],
  [`${SCOPE}.Key`]: ["fragments"],
  [`${SCOPE}.Key.Fragment`]: ["string_key"],
} as const;

/** `scoped_routes` with inline scopes as plain data. A later scope takes the place of an earlier one of its name or key. */
export function compileScopedRoutes(
  message: ScopedRoutes,
  ctx: CompileContext,
  filters: HttpFilterRegistry,
): ScopedRoutesConfig {
  const extractors = (message.scopeKeyBuilder?.fragments ?? []).flatMap(({ type }) =>
    type.case === "headerValueExtractor" ? compileExtractor(type.value, ctx) : [],
  );
  const { configSpecifier: specifier } = message;
  const inline =
    specifier.case === "scopedRouteConfigurationsList"
      ? specifier.value.scopedRouteConfigurations
      : [];
  const byName = new Map<string, ScopeConfig>();
  for (const scope of inline) {
    const compiled = compileScope(scope, ctx, filters);
    byName.delete(scope.name);
    if (compiled !== null) byName.set(scope.name, compiled);
  }
  // A key of another length can never be built.
  const scopes = [...byName.values()].filter(({ key }) => key.length === extractors.length);
  return { extractors, scopes };
}

function compileScope(
  message: ScopedRouteConfiguration,
  ctx: CompileContext,
  filters: HttpFilterRegistry,
): ScopeConfig | null {
  if (message.routeConfigurationName !== "") {
    const text =
      "Fetching routes via RDS (route_configuration_name) is not supported with inline scoped routes.";
    ctx.problems.error(message, "route_configuration_name", text);
    return null;
  }
  if (message.routeConfiguration === undefined) {
    const text = "You must specify a route_configuration with inline scoped routes.";
    ctx.problems.error(message, undefined, text);
    return null;
  }
  return {
    key: (message.key?.fragments ?? []).map(({ type }) => toByteString(type.value ?? "")),
    table: compileRouteConfiguration(message.routeConfiguration, ctx, filters),
  };
}

function compileExtractor(
  message: HeaderValueExtractor,
  ctx: CompileContext,
): HeaderValueExtractorConfig[] {
  const { name, elementSeparator, extractType } = message;
  const base = {
    header: name.toLowerCase(),
    elementSeparator: toByteString(elementSeparator),
  };
  switch (extractType.case) {
    case "index":
      if (elementSeparator === "" && extractType.value > 0) {
        ctx.problems.error(message, "index", "Index > 0 for empty string element separator.");
      }
      return [{ ...base, pick: { kind: "index", index: extractType.value } }];
    case "element": {
      const { separator, key } = extractType.value;
      const pick = {
        kind: "element",
        separator: toByteString(separator),
        key: toByteString(key),
      } as const;
      return [{ ...base, pick }];
    }
    case undefined:
      ctx.problems.error(message, undefined, "HeaderValueExtractor extract_type not set.");
      return [];
  }
}
