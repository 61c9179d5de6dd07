import type { Any } from "@bufbuild/protobuf/wkt";
import { typeNameOfAny, unpack } from "@nuncio/api";
import type {
  ListenerFilter,
  ListenerFilterChainMatchPredicate,
} from "@nuncio/api/types/envoy/config/listener/v3/listener_components_pb";
import type { CompileContext } from "../../config/context.ts";
import {
  compileDiscovered,
  type ConfigHolder,
  type DiscoveredPlace,
} from "../../config/extension-discovery.ts";
import type { ExtensionConfig } from "../../extension/model.ts";
import { listenerFilterMainSides } from "./main-registry.ts";
import type { ListenerFilterConfig, ListenerFilterPredicate } from "./model.ts";
import { reportOtherType } from "./other-type.ts";

const PACKAGE = "envoy.config.listener.v3";

/** What Envoy's other listener filters need and Node.js does not have. */
const IMPOSSIBLE: { readonly [type: string]: string } = {
  "envoy.extensions.filters.listener.original_dst.v3.OriginalDst":
    "envoy.filters.listener.original_dst cannot run: Node.js cannot read SO_ORIGINAL_DST of a socket",
  "envoy.extensions.filters.listener.original_src.v3.OriginalSrc":
    "envoy.filters.listener.original_src cannot run: Node.js cannot bind a socket to an address of another host",
};

/** Messages around listener filters, and those of all filters there are. */
export const implemented: { readonly [type: string]: readonly string[] | "all" } = Object.assign(
  {
    [`${PACKAGE}.ListenerFilter`]: ["name", "typed_config", "config_discovery", "filter_disabled"],
    [`${PACKAGE}.ListenerFilterChainMatchPredicate`]: "all",
    [`${PACKAGE}.ListenerFilterChainMatchPredicate.MatchSet`]: "all",
    "envoy.type.v3.Int32Range": "all",
    // Refused here, with the reason.
    ...Object.fromEntries(Object.keys(IMPOSSIBLE).map((type) => [type, "all" as const])),
  },
  ...[...listenerFilterMainSides.values()].map((side) => side.implemented),
);

/** `Listener.listener_filters` as plain data, in order. */
export function compileListenerFilters(
  filters: readonly ListenerFilter[],
  ctx: CompileContext,
): ListenerFilterConfig[] {
  return filters.flatMap((filter) => compileFilter(filter, ctx) ?? []);
}

function compileFilter(filter: ListenerFilter, ctx: CompileContext): ListenerFilterConfig | null {
  const { name, configType: given, filterDisabled } = filter;
  const disabled = filterDisabled === undefined ? null : compilePredicate(filterDisabled);
  switch (given.case) {
    case "typedConfig": {
      const holder: ConfigHolder = { name, message: filter, field: "typed_config" };
      const compiled = compileConfig(given.value, holder, ctx);
      return compiled === null ? null : { name, disabled, ...compiled };
    }
    case "configDiscovery": {
      const compiled = compileDiscovered(name, given.value, DISCOVERED_PLACE, ctx);
      return compiled === null ? null : { name, disabled, ...compiled };
    }
    default: {
      const text = `Didn't find a registered implementation for '${name}' with type URL: ''`;
      ctx.problems.error(filter, "typed_config", text);
      return null;
    }
  }
}

const DISCOVERED_PLACE: DiscoveredPlace = {
  kind: "tcp_listener_filter",
  key: "",
  has: (type) => listenerFilterMainSides.has(type),
  compile: compileConfig,
  concernsOld: () => false,
};

function compileConfig(
  config: Any,
  holder: ConfigHolder,
  ctx: CompileContext,
): ExtensionConfig | null {
  const type = typeNameOfAny(config);
  const side = listenerFilterMainSides.get(type);
  const message = unpack(config);
  if (side === undefined) {
    const why = IMPOSSIBLE[type];
    if (why !== undefined) ctx.problems.error(holder.message, holder.field, why);
    else reportOtherType(holder, "envoy.extensions.filters.listener.", type, ctx);
  }
  if (side === undefined || message === undefined) return null;
  return { type, config: side.compile(message as never, ctx) };
}

function compilePredicate({ rule }: ListenerFilterChainMatchPredicate): ListenerFilterPredicate {
  switch (rule.case) {
    case "orMatch":
      return { kind: "or", rules: rule.value.rules.map(compilePredicate) };
    case "andMatch":
      return { kind: "and", rules: rule.value.rules.map(compilePredicate) };
    case "notMatch":
      return { kind: "not", rule: compilePredicate(rule.value) };
    case "destinationPortRange":
      return { kind: "destination_port", start: rule.value.start, end: rule.value.end };
    default:
      return { kind: "any" };
  }
}
