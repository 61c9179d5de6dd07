import { typeNameOfAny, unpack } from "@nuncio/api";
import type { HttpFilter } from "@nuncio/api/types/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb";
import type { CompileContext } from "../../config/context.ts";
import type { HttpFilterRegistry } from "../filters/extension.ts";
import type { HttpFilterConfig } from "./model.ts";

/** A chain of HTTP filters as plain data. The last one must be terminal, and no other may be. `kind` is for messages. */
export function compileHttpFilters(
  filters: readonly HttpFilter[],
  kind: "http" | "http upgrade",
  ctx: CompileContext,
  registry: HttpFilterRegistry,
): HttpFilterConfig[] {
  const compiled: HttpFilterConfig[] = [];
  filters.forEach((filter, index) => {
    const last = index === filters.length - 1;
    if (filter.configType.case !== "typedConfig") {
      if (filter.configType.case === undefined) reportUnknownType(filter, "", ctx);
      return;
    }
    const type = typeNameOfAny(filter.configType.value);
    const side = registry.get(type);
    const message = unpack(filter.configType.value);
    if (side === undefined || message === undefined) {
      if (!isRefusedByTable(type, registry)) reportUnknownType(filter, type, ctx);
      return;
    }
    if (side.terminal && filter.disabled) {
      const text = `Error: the last (terminal) filter (${filter.name}) in the chain cannot be disabled by default.`;
      ctx.problems.error(filter, "disabled", text);
    }
    if (side.terminal !== last) {
      const text = side.terminal
        ? `terminal filter named ${filter.name} of type ${side.name} must be the last filter in a ${kind} filter chain`
        : `non-terminal filter named ${filter.name} of type ${side.name} is the last filter in a ${kind} filter chain`;
      ctx.problems.error(filter, "name", `Error: ${text}`);
    }
    compiled.push({
      name: filter.name,
      type,
      disabled: filter.disabled,
      config: side.compile(message as never, ctx),
    });
  });
  return compiled;
}

/** Where Envoy keeps its HTTP filters, those that are not here, too. */
const HTTP_FILTERS = "envoy.extensions.filters.http.";

/** One of Envoy's filters that is not there is refused by name, and never skipped because it is optional. */
function isRefusedByTable(type: string, registry: HttpFilterRegistry): boolean {
  if (!type.startsWith(HTTP_FILTERS)) return false;
  return ![...registry.values()].some(({ implemented }) => implemented[type] !== undefined);
}

/** A message that is no HTTP filter at all; `is_optional` leaves such a filter out, as in Envoy. */
function reportUnknownType(filter: HttpFilter, type: string, ctx: CompileContext): void {
  const text = `Didn't find a registered implementation for '${filter.name}' with type URL: '${type}'`;
  if (filter.isOptional) ctx.problems.warning(filter, "typed_config", `is left out: ${text}`);
  else ctx.problems.error(filter, "typed_config", text);
}
