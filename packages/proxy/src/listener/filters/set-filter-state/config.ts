import type { FilterStateValue } from "@nuncio/api/types/envoy/extensions/filters/common/set_filter_state/v3/value_pb";
import type { Config } from "@nuncio/api/types/envoy/extensions/filters/listener/set_filter_state/v3/set_filter_state_pb";
import type { CompileContext } from "../../../config/context.ts";
import { compileFormatString } from "../../../observe/format/compile.ts";
import type { ListenerFilterConfigSide } from "../extension.ts";
import {
  FILTER_STATE_FACTORIES,
  type FilterStateFactory,
  type FilterStateValueConfig,
  type SetFilterStateConfig,
} from "./model.ts";

const TYPE = "envoy.extensions.filters.listener.set_filter_state.v3.Config";

/** Factories of Envoy whose objects nobody would look at here. */
const MISSING: ReadonlySet<string> = new Set([
  "envoy.filters.listener.original_dst.local_ip",
  "envoy.filters.listener.original_dst.remote_ip",
  "envoy.network.application_protocols",
  "envoy.network.network_namespace",
  "envoy.network.transport_socket.original_dst_address",
  "envoy.network.upstream_server_name",
  "envoy.network.upstream_subject_alt_names",
  "envoy.ratelimit.hits_addend",
  "envoy.upstream.dynamic_host",
  "envoy.upstream.dynamic_port",
]);

/** Main side of what sets the filter state. `read_only` is taken and changes nothing, as in Envoy. */
export const setFilterStateConfigSide: ListenerFilterConfigSide<Config, SetFilterStateConfig> = {
  configType: TYPE,
  implemented: {
    [TYPE]: "all",
    "envoy.extensions.filters.common.set_filter_state.v3.FilterStateValue": [
      "object_key",
      "factory_key",
      "format_string",
      "read_only",
      "skip_if_empty",
    ],
  },
  compile: ({ onAccept }, ctx) => ({
    values: onAccept.flatMap((value) => compileValue(value, ctx) ?? []),
  }),
};

function compileValue(
  message: FilterStateValue,
  ctx: CompileContext,
): FilterStateValueConfig | null {
  const { factoryKey, value, skipIfEmpty } = message;
  const key = message.key.value ?? "";
  const factory = factoryKey || key;
  if (!isFactory(factory)) {
    const text = MISSING.has(factory)
      ? `not implemented yet: objects of '${factory}'`
      : `'${key}' does not have an object factory`;
    ctx.problems.error(message, factoryKey === "" ? "object_key" : "factory_key", text);
    return null;
  }
  // validate.rules ask for a value.
  const format = compileFormatString(value.value!, ctx).plan;
  return { key, factory, format, skipIfEmpty };
}

function isFactory(name: string): name is FilterStateFactory {
  return (FILTER_STATE_FACTORIES as readonly string[]).includes(name);
}
