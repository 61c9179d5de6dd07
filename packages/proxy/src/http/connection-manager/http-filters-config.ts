import { typeNameOfAny, unpack } from "@nuncio/api";
import type { HttpConnectionManager } from "@nuncio/api/types/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb";
import type { CompileContext } from "../../config/context.ts";
import type { HttpFilterRegistry } from "../filters/extension.ts";
import type { HttpFilterConfig } from "./model.ts";

/** The chain of HTTP filters as plain data. The last one must be terminal, and no other may be. */
export function compileHttpFilters(
  hcm: HttpConnectionManager,
  ctx: CompileContext,
  registry: HttpFilterRegistry,
): HttpFilterConfig[] {
  if (hcm.httpFilters.length === 0) {
    ctx.problems.error(
      hcm,
      "http_filters",
      "expected at least one HTTP filter: the last one must be terminal",
    );
  }
  const compiled: HttpFilterConfig[] = [];
  hcm.httpFilters.forEach((filter, index) => {
    const last = index === hcm.httpFilters.length - 1;
    if (filter.configType.case !== "typedConfig") {
      if (filter.configType.case === undefined) {
        const text = `Didn't find a registered implementation for '${filter.name}' with type URL: ''`;
        ctx.problems.error(filter, "typed_config", text);
      }
      return;
    }
    const type = typeNameOfAny(filter.configType.value);
    const side = registry.get(type);
    const message = unpack(filter.configType.value);
    // A type that is not there was refused by the table of implemented fields.
    if (side === undefined || message === undefined) return;
    if (side.terminal !== last) {
      const text = side.terminal
        ? `terminal filter named ${filter.name} of type ${side.name} must be the last filter in a http filter chain`
        : `non-terminal filter named ${filter.name} of type ${side.name} is the last filter in a http filter chain`;
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
