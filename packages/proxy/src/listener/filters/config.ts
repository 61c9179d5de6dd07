import { typeNameOfAny, unpack } from "@nuncio/api";
import type {
  ListenerFilter,
  ListenerFilterChainMatchPredicate,
} from "@nuncio/api/types/envoy/config/listener/v3/listener_components_pb";
import type { CompileContext } from "../../config/context.ts";
import { listenerFilterMainSides } from "./main-registry.ts";
import type { ListenerFilterConfig, ListenerFilterPredicate } from "./model.ts";

const PACKAGE = "envoy.config.listener.v3";

/** Messages around listener filters, and those of all filters there are. */
export const implemented: { readonly [type: string]: readonly string[] | "all" } = Object.assign(
  {
    [`${PACKAGE}.ListenerFilter`]: ["name", "typed_config", "filter_disabled"],
    [`${PACKAGE}.ListenerFilterChainMatchPredicate`]: "all",
    [`${PACKAGE}.ListenerFilterChainMatchPredicate.MatchSet`]: "all",
    "envoy.type.v3.Int32Range": "all",
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
  const config = filter.configType;
  if (config.case !== "typedConfig") {
    if (config.case === undefined) {
      const text = `Didn't find a registered implementation for '${filter.name}' with type URL: ''`;
      ctx.problems.error(filter, "typed_config", text);
    }
    return null;
  }
  const type = typeNameOfAny(config.value);
  const side = listenerFilterMainSides.get(type);
  const message = unpack(config.value);
  // A type that is not there was refused by the table of implemented fields.
  if (side === undefined || message === undefined) return null;
  return {
    name: filter.name,
    type,
    config: side.compile(message as never, ctx),
    disabled: filter.filterDisabled === undefined ? null : compilePredicate(filter.filterDisabled),
  };
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
