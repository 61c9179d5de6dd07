import type { ScopedRouteConfiguration } from "@nuncio/api/types/envoy/config/route/v3/scoped_route_pb";
import type {
  ScopedRoutes,
  ScopedRoutes_ScopeKeyBuilder_FragmentBuilder_HeaderValueExtractor as HeaderValueExtractor,
} from "@nuncio/api/types/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb";
import { checkConfigSource, checkNode } from "../../../config/config-source.ts";
import type { CompileContext } from "../../../config/context.ts";
import { toByteString } from "../../../observe/format/byte-string.ts";
import type { HttpFilterRegistry } from "../../filters/extension.ts";
import { compileRouteConfiguration } from "../compile.ts";
import { refuseVhds } from "../vhds.ts";
import type { HeaderValueExtractorConfig, ScopeConfig, ScopedRoutesConfig } from "./model.ts";

const SCOPED_ROUTES = "envoy.extensions.filters.network.http_connection_manager.v3.ScopedRoutes";
const BUILDER = `${SCOPED_ROUTES}.ScopeKeyBuilder`;
const EXTRACTOR = `${BUILDER}.FragmentBuilder.HeaderValueExtractor`;
const SCOPE = "envoy.config.route.v3.ScopedRouteConfiguration";

/** Fields of `scoped_routes` that do something. */
export const implemented = {
  [SCOPED_ROUTES]: [
    "name",
    "scope_key_builder",
    "scoped_route_configurations_list",
    "rds_config_source",
    "scoped_rds",
  ],
  // Locators name collections of xdstp://.
  "envoy.extensions.filters.network.http_connection_manager.v3.ScopedRds": [
    "scoped_rds_config_source",
  ],
  [BUILDER]: ["fragments"],
  [`${BUILDER}.FragmentBuilder`]: ["header_value_extractor"],
  [EXTRACTOR]: ["name", "element_separator", "index", "element"],
  [`${EXTRACTOR}.KvElement`]: ["separator", "key"],
  "envoy.extensions.filters.network.http_connection_manager.v3.ScopedRouteConfigurationsList": [
    "scoped_route_configurations",
  ],
  [SCOPE]: ["on_demand", "name", "route_configuration_name", "route_configuration", "key"],
  [`${SCOPE}.Key`]: ["fragments"],
  [`${SCOPE}.Key.Fragment`]: ["string_key"],
} as const;

/**
 * `scoped_routes` as plain data. Of scopes in the configuration a later one takes the place of an earlier one of its name or
 * key.
 * @param statPrefix of the connection manager, with its dot
 */
export function compileScopedRoutes(
  message: ScopedRoutes,
  statPrefix: string,
  ctx: CompileContext,
  filters: HttpFilterRegistry,
): ScopedRoutesConfig {
  const extractors = (message.scopeKeyBuilder?.fragments ?? []).flatMap(({ type }) =>
    type.case === "headerValueExtractor" ? compileExtractor(type.value, ctx) : [],
  );
  const { configSpecifier: specifier } = message;
  if (specifier.case === "scopedRds") {
    return { extractors, scopes: [], scopesId: compileScopedRds(message, statPrefix, ctx) };
  }
  const inline =
    specifier.case === "scopedRouteConfigurationsList"
      ? specifier.value.scopedRouteConfigurations
      : [];
  const byName = new Map<string, ScopeConfig>();
  for (const scope of inline) {
    const compiled = compileInlineScope(scope, ctx, filters);
    byName.delete(scope.name);
    if (compiled !== null) byName.set(scope.name, compiled);
  }
  // A key of another length can never be built.
  const scopes = [...byName.values()].filter(({ key }) => key.length === extractors.length);
  return { extractors, scopes, scopesId: null };
}

/** Scopes that come from elsewhere: the number under which workers have them. */
function compileScopedRds(
  { name, configSpecifier, rdsConfigSource }: ScopedRoutes,
  statPrefix: string,
  ctx: CompileContext,
): number | null {
  const source =
    configSpecifier.case === "scopedRds" ? configSpecifier.value.scopedRdsConfigSource : undefined;
  if (source === undefined) return null; // validate.rules said so
  checkNode("SRDS", source, undefined, ctx);
  checkConfigSource(source, ctx.problems);
  if (rdsConfigSource !== undefined) checkConfigSource(rdsConfigSource, ctx.problems);
  const target = ctx.scopedRoutes.of({ name, source, rdsSource: rdsConfigSource, statPrefix });
  ctx.targets.push(target);
  return target.id;
}

/** The fragments of a scope's key, as byte strings. */
export function compileScopeKey({ key }: ScopedRouteConfiguration): readonly string[] {
  return (key?.fragments ?? []).map(({ type }) => toByteString(type.value ?? ""));
}

function compileInlineScope(
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
  refuseVhds(message.routeConfiguration, ctx);
  return {
    key: compileScopeKey(message),
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
