import type { Message } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import { typeNameOfAny } from "@nuncio/api";
import type { ExtensionConfigSource } from "@nuncio/api/types/envoy/config/core/v3/config_source_pb";
import { typeUrlOf } from "@nuncio/xds";
import { DISCOVERED, type DiscoveredConfig, type ExtensionConfig } from "../extension/model.ts";
import { checkNode, checkReachable } from "./config-source.ts";
import type { CompileContext, ExtensionUse } from "./context.ts";

/** Fields of filters that come by ECDS. */
export const implemented = {
  "envoy.config.core.v3.ExtensionConfigSource": "all",
  "envoy.config.core.v3.TypedExtensionConfig": "all",
} as const;

/** Where a filter stands that comes by ECDS: which filters there can be, and what becomes of them. */
export interface DiscoveredPlace extends Pick<ExtensionUse, "kind" | "concernsOld"> {
  /** Differs where the same configuration would be compiled to something else. */
  readonly key: string;
  /** Whether there are filters of that type. */
  has(type: string): boolean;
  /** Null with the problems of `holder` that say why. */
  compile(config: Any, holder: ConfigHolder, ctx: CompileContext): ExtensionConfig | null;
}

/** Where the configuration of a filter stands. */
export interface ConfigHolder {
  /** Of the filter. */
  readonly name: string;
  readonly message: Message;
  /** Of the configuration in `message`. */
  readonly field: "typed_config" | "default_config";
}

/** A filter that comes by ECDS, as it is posted; null where the source cannot be used. */
export function compileDiscovered(
  name: string,
  discovery: ExtensionConfigSource,
  place: DiscoveredPlace,
  ctx: CompileContext,
): { readonly type: string; readonly config: DiscoveredConfig } | null {
  const { configSource: source } = discovery;
  if (source === undefined) {
    ctx.problems.error(discovery, "config_source", "expected a config source");
    return null;
  }
  checkReachable(source, ctx.clusterNames, ctx.problems);
  checkNode(typeUrlOf("ECDS"), discovery, "config_source", ctx);
  const waits = !discovery.applyDefaultConfigWithoutWarming;
  const types = discovery.typeUrls.map((url) => url.slice(url.lastIndexOf("/") + 1));
  // Envoy looks at these two of all filters but those of the network.
  if (place.kind !== "network_filter") checkDiscovery(name, discovery, types, place, ctx);
  const checked: ExtensionUse["compile"] = (config, holder, context) =>
    isOfType(typeNameOfAny(config), types, holder, context)
      ? place.compile(config, holder, context)
      : null;
  const target = ctx.extensionConfigs.of({
    ...place,
    name,
    source,
    discovery,
    default: compileDefault(name, discovery, place, checked, ctx),
    waits,
    compile: checked,
  });
  ctx.targets.push(target);
  return { type: DISCOVERED, config: { id: target.id } };
}

function checkDiscovery(
  name: string,
  discovery: ExtensionConfigSource,
  types: readonly string[],
  place: DiscoveredPlace,
  ctx: CompileContext,
): void {
  if (discovery.applyDefaultConfigWithoutWarming && discovery.defaultConfig === undefined) {
    const text = `Error: filter config ${name} applied without warming but has no default config.`;
    ctx.problems.error(discovery, "apply_default_config_without_warming", text);
  }
  types.forEach((type, index) => {
    if (place.has(type)) return;
    const text = `Error: no factory found for a required type URL ${type}.`;
    ctx.problems.error(discovery, "type_urls", text, index);
  });
}

function compileDefault(
  name: string,
  discovery: ExtensionConfigSource,
  place: DiscoveredPlace,
  compile: ExtensionUse["compile"],
  ctx: CompileContext,
): ExtensionConfig | null {
  const { defaultConfig: given } = discovery;
  if (given === undefined) return null;
  if (!place.has(typeNameOfAny(given))) {
    const text = `Error: cannot find filter factory ${name} for default filter configuration with type URL ${given.typeUrl}.`;
    ctx.problems.error(discovery, "default_config", text);
    return null;
  }
  return compile(given, { name, message: discovery, field: "default_config" }, ctx);
}

function isOfType(
  type: string,
  types: readonly string[],
  { message, field }: ConfigHolder,
  ctx: CompileContext,
): boolean {
  if (types.includes(type)) return true;
  const text = `Error: filter config has type URL ${type} but expect ${types.join(", ")}.`;
  ctx.problems.error(message, field, text);
  return false;
}
