import type { Message } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import { typeNameOfAny, unpack } from "@nuncio/api";
import type { FilterConfig } from "@nuncio/api/types/envoy/config/route/v3/route_components_pb";
import type { PerFilterConfig } from "../model.ts";
import type { RouteContext } from "./route-context.ts";

const FIELD = "typed_per_filter_config";

/**
 * `typed_per_filter_config` of one level; null when there is none. The configuration is compiled by the filter that
 * has its type; the key is the filter's name in the connection manager, and any name will do, as in Envoy.
 */
export function compilePerFilterConfigs(
  message: Message,
  configs: { readonly [filterName: string]: Any },
  context: RouteContext,
): { [filterName: string]: PerFilterConfig } | null {
  const names = Object.keys(configs);
  if (names.length === 0) return null;
  const compiled: { [filterName: string]: PerFilterConfig } = {};
  for (const name of names) {
    const config = compileOne(message, name, configs[name]!, context);
    if (config !== null) compiled[name] = config;
  }
  return compiled;
}

function compileOne(
  message: Message,
  name: string,
  any: Any,
  context: RouteContext,
  optional = false,
): PerFilterConfig | null {
  const type = typeNameOfAny(any);
  if (type === "envoy.config.route.v3.FilterConfig") {
    const flags = unpack<FilterConfig>(any);
    return flags === undefined ? null : compileFlags(message, name, flags, context);
  }
  const side = context.perRouteSides.get(type);
  const content = unpack(any);
  if (side?.compilePerRoute !== undefined && content !== undefined) {
    const plain = side.compilePerRoute(content as never, context.ctx);
    return { disabled: false, config: { type: side.configType, plain } };
  }
  if (optional) return null;
  if (context.filterSides.has(type)) {
    const text = `The filter ${name} doesn't support virtual host or route specific configurations`;
    context.ctx.problems.error(message, FIELD, text, name);
  } else if (type === "" || type.startsWith("google.protobuf.")) {
    const text = `Didn't find a registered implementation for '${name}' with type URL: '${type}'`;
    context.ctx.problems.error(message, FIELD, text, name);
  }
  // Types of Envoy that are not there are refused by the table of implemented fields.
  return null;
}

function compileFlags(
  message: Message,
  name: string,
  flags: FilterConfig,
  context: RouteContext,
): PerFilterConfig | null {
  if (flags.disabled) return { disabled: true, config: null };
  if (flags.config === undefined) {
    const text = `Empty route/virtual host per filter configuration for ${name} filter`;
    context.ctx.problems.error(message, FIELD, text, name);
    return null;
  }
  // An empty Any enables the filter with the configuration that it has.
  if (typeNameOfAny(flags.config) === "") return { disabled: false, config: null };
  return compileOne(message, name, flags.config, context, flags.isOptional);
}
