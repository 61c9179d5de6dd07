import type { Any } from "@bufbuild/protobuf/wkt";
import { typeNameOfAny, unpack } from "@nuncio/api";
import type { HttpFilter } from "@nuncio/api/types/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb";
import type { CompileContext } from "../../config/context.ts";
import { compileDiscovered, type ConfigHolder } from "../../config/extension-discovery.ts";
import type { ExtensionConfig } from "../../extension/model.ts";
import type { HttpFilterRegistry, HttpFilterScope } from "../filters/extension.ts";
import type { HttpFilterConfig } from "./model.ts";

/** A place in a chain. */
interface Place {
  /** For messages. */
  readonly kind: "http" | "http upgrade";
  readonly isLast: boolean;
  readonly registry: HttpFilterRegistry;
  readonly scope: HttpFilterScope;
}

/** A chain of HTTP filters as plain data. The last one must be terminal, and no other may be. `kind` is for messages. */
export function compileHttpFilters(
  filters: readonly HttpFilter[],
  kind: Place["kind"],
  ctx: CompileContext,
  registry: HttpFilterRegistry,
  scope: HttpFilterScope,
): HttpFilterConfig[] {
  return filters.flatMap((filter, index) => {
    const isLast = index === filters.length - 1;
    const compiled = compileHttpFilter(filter, { kind, isLast, registry, scope }, ctx);
    if (compiled === null) return [];
    const { name, disabled } = filter;
    return [{ name, disabled, ...compiled }];
  });
}

function compileHttpFilter(
  filter: HttpFilter,
  place: Place,
  ctx: CompileContext,
): ExtensionConfig | null {
  const { name, configType: given } = filter;
  if (filter.disabled && place.isLast) {
    const text = `Error: the last (terminal) filter (${name}) in the chain cannot be disabled by default.`;
    ctx.problems.error(filter, "disabled", text);
  }
  switch (given.case) {
    case "typedConfig": {
      const holder = { name, message: filter, field: "typed_config" } as const;
      return compileConfig(given.value, holder, place, ctx, filter.isOptional);
    }
    case "configDiscovery": {
      const { kind, isLast, registry, scope } = place;
      return compileDiscovered(
        name,
        given.value,
        {
          kind: "http_filter",
          key: `${kind} ${isLast ? "last" : "before others"} ${scope.statPrefix}`,
          has: (type) => registry.has(type),
          compile: (config, holder, context) => compileConfig(config, holder, place, context),
          concernsOld: () => false,
        },
        ctx,
      );
    }
    default:
      reportUnknownType(
        { name, message: filter, field: "typed_config" },
        "",
        filter.isOptional,
        ctx,
      );
      return null;
  }
}

function compileConfig(
  config: Any,
  holder: ConfigHolder,
  { kind, isLast, registry, scope }: Place,
  ctx: CompileContext,
  isOptional = false,
): ExtensionConfig | null {
  const { name, message: holding, field } = holder;
  const type = typeNameOfAny(config);
  const side = registry.get(type);
  const message = unpack(config);
  if (side === undefined || message === undefined) {
    if (!isRefusedByTable(type, registry)) reportUnknownType(holder, type, isOptional, ctx);
    return null;
  }
  if (side.terminal !== isLast) {
    const text = side.terminal
      ? `terminal filter named ${name} of type ${side.name} must be the last filter in a ${kind} filter chain`
      : `non-terminal filter named ${name} of type ${side.name} is the last filter in a ${kind} filter chain`;
    ctx.problems.error(holding, field === "typed_config" ? "name" : field, `Error: ${text}`);
  }
  return { type, config: side.compile(message as never, ctx, scope) };
}

/** Where Envoy keeps its HTTP filters, those that are not here, too. */
const HTTP_FILTERS = "envoy.extensions.filters.http.";

/** One of Envoy's filters that is not there is refused by name, and never skipped because it is optional. */
function isRefusedByTable(type: string, registry: HttpFilterRegistry): boolean {
  if (!type.startsWith(HTTP_FILTERS)) return false;
  return ![...registry.values()].some(({ implemented }) => implemented[type] !== undefined);
}

/** A message that is no HTTP filter at all; `is_optional` leaves such a filter out, as in Envoy. */
function reportUnknownType(
  { name, message, field }: ConfigHolder,
  type: string,
  isOptional: boolean,
  ctx: CompileContext,
): void {
  const text = `Didn't find a registered implementation for '${name}' with type URL: '${type}'`;
  if (isOptional) ctx.problems.warning(message, field, `is left out: ${text}`);
  else ctx.problems.error(message, field, text);
}
