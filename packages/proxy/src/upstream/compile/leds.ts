import type {
  LedsClusterLocalityConfig,
  LocalityLbEndpoints,
} from "@nuncio/api/types/envoy/config/endpoint/v3/endpoint_components_pb";
import { isCollectionName, parseXdstpName, readConfigSource } from "@nuncio/xds";
import { checkConfigSource } from "../../config/config-source.ts";
import type { CompileContext } from "../../config/context.ts";
import type { LedsConfig } from "../definition.ts";
import type { DiscoveryType } from "../model.ts";

const ENDPOINT_TYPE = "envoy.config.endpoint.v3.LbEndpoint";

/** A locality whose endpoints come one by one; null where it has them itself. */
export function compileLeds(
  locality: LocalityLbEndpoints,
  type: DiscoveryType,
  ctx: CompileContext,
): LedsConfig | null {
  const { lbConfig, lbEndpoints } = locality;
  if (lbConfig.case !== "ledsClusterLocalityConfig") return null;
  const config = lbConfig.value;
  const field = "leds_cluster_locality_config";
  if (type !== "EDS") {
    ctx.problems.error(locality, field, "LEDS is only supported when EDS is used");
    return null;
  }
  if (lbEndpoints.length > 0) {
    const text = `cannot include both LEDS (resource: ${config.ledsCollectionName}) and a list of endpoints`;
    ctx.problems.error(locality, field, text);
  }
  checkName(config, ctx);
  return compileSource(config, ctx);
}

function checkName(config: LedsClusterLocalityConfig, { problems }: CompileContext): void {
  const name = config.ledsCollectionName;
  if (isCollectionName(name) && parseXdstpName(name)?.type === ENDPOINT_TYPE) return;
  const text = `expected the name of a glob collection, xdstp://AUTHORITY/${ENDPOINT_TYPE}/.../*, got '${name}'`;
  problems.error(config, "leds_collection_name", text);
}

/** Collections are told of one by one: there is a protocol for that. */
function compileSource(
  config: LedsClusterLocalityConfig,
  { problems, adsIsDelta }: CompileContext,
): LedsConfig | null {
  const { ledsConfig: source, ledsCollectionName: collection } = config;
  if (source === undefined) {
    problems.error(config, "leds_config", "expected a config source");
    return null;
  }
  const errorsBefore = problems.list.length;
  checkConfigSource(source, problems);
  if (problems.list.length > errorsBefore) return null;
  const { source: where, key } = readConfigSource(source);
  const isDelta = where.kind === "ads" ? adsIsDelta : where.kind === "grpc" && where.isDelta;
  if (where.kind !== "self" && !isDelta) {
    const text = "expected a source of the delta protocol: a collection comes by no other";
    problems.error(config, "leds_config", text);
  }
  return { collection, source, key: `${key} ${collection}` };
}
