import type { Any } from "@bufbuild/protobuf/wkt";
import { typeNameOfAny, unpack } from "@nuncio/api";
import type { Filter } from "@nuncio/api/types/envoy/config/listener/v3/listener_components_pb";
import type { CompileContext } from "../config/context.ts";
import { compileDiscovered, type ConfigHolder } from "../config/extension-discovery.ts";
import type { ExtensionConfig } from "../extension/model.ts";
import type { ListenerScope, NetworkFilterConfigSide } from "../network/extension.ts";
import { reportOtherType } from "./filters/other-type.ts";
import type { NetworkFilterConfig } from "./model.ts";

/** A place in a filter chain. */
interface Place {
  readonly isLast: boolean;
  readonly listener: ListenerScope;
  readonly registry: ReadonlyMap<string, NetworkFilterConfigSide>;
}

/** One of `FilterChain.filters` as plain data; null with the problems that say why. */
export function compileNetworkFilter(
  filter: Filter,
  place: Place,
  ctx: CompileContext,
): NetworkFilterConfig | null {
  const { name, configType: given } = filter;
  switch (given.case) {
    case "typedConfig": {
      const holder: ConfigHolder = { name, message: filter, field: "typed_config" };
      const compiled = compileConfig(given.value, holder, place, ctx);
      return compiled === null ? null : { name, ...compiled };
    }
    case "configDiscovery": {
      const { registry, isLast, listener } = place;
      const compiled = compileDiscovered(
        name,
        given.value,
        {
          kind: "network_filter",
          key: JSON.stringify([isLast, listener]),
          has: (type) => registry.has(type),
          compile: (config, holder, context) => compileConfig(config, holder, place, context),
          concernsOld: (before, after) =>
            registry.get(after.type)?.sameConnections?.(before.config, after.config) === true,
        },
        ctx,
      );
      return compiled === null ? null : { name, ...compiled };
    }
    default: {
      const text = `Didn't find a registered implementation for '${name}' with type URL: ''`;
      ctx.problems.error(filter, "typed_config", text);
      return null;
    }
  }
}

function compileConfig(
  config: Any,
  { name, message: holder, field }: ConfigHolder,
  { isLast, listener, registry }: Place,
  ctx: CompileContext,
): ExtensionConfig | null {
  const type = typeNameOfAny(config);
  const side = registry.get(type);
  const message = unpack(config);
  if (side === undefined)
    reportOtherType(
      { name, message: holder, field },
      "envoy.extensions.filters.network.",
      type,
      ctx,
    );
  if (side === undefined || message === undefined) return null;
  if (side.terminal !== isLast) {
    const text = side.terminal
      ? `terminal filter named ${name} of type ${side.name} must be the last filter in a network filter chain`
      : `non-terminal filter named ${name} of type ${side.name} is the last filter in a network filter chain`;
    ctx.problems.error(holder, field === "typed_config" ? "name" : field, `Error: ${text}`);
  }
  return { type, config: side.compile(message as never, ctx, listener) };
}
