import type { Problems } from "@nuncio/api";
import type { Bootstrap } from "@nuncio/api/types/envoy/config/bootstrap/v3/bootstrap_pb";
import type { ConfigSource } from "@nuncio/api/types/envoy/config/core/v3/config_source_pb";
import { formatXdstpName, parseXdstpName, readConfigSource, WILDCARD } from "@nuncio/xds";
import type { NodeIdentity } from "../../config/context.ts";

/** A collection of the bootstrap's `dynamic_resources`. */
interface Located {
  readonly field: "cds_resources_locator" | "lds_resources_locator";
  readonly locator: string;
  readonly source: ConfigSource | undefined;
  /** Of what is in it. */
  readonly type: string;
}

/** What stands against the bootstrap's locators of collections, and its `node_context_params`. */
export function checkLocators(bootstrap: Bootstrap, problems: Problems): void {
  for (const located of locators(bootstrap)) {
    const text = located.locator === "" ? null : problemOf(located);
    if (text !== null) problems.error(bootstrap.dynamicResources!, located.field, text);
  }
  bootstrap.nodeContextParams.forEach((param, index) => {
    if (PARAMS.has(param)) return;
    const text = `not implemented yet: expected one of ${[...PARAMS.keys()].join(", ")}, got '${param}'`;
    problems.error(bootstrap, "node_context_params", text, index);
  });
}

/** What is asked for: a collection with the node's parameters, or all that there is where no locator names one. */
export function watchedNames(
  locator: string,
  params: readonly string[],
  node: NodeIdentity,
): readonly string[] {
  const parsed = parseXdstpName(locator);
  if (parsed === undefined) return [WILDCARD];
  const ofNode = params.map((param): [string, string] => [
    `xds.node.${param}`,
    PARAMS.get(param)?.(node) ?? "",
  ]);
  const contextParams = new Map([...ofNode, ...parsed.contextParams]);
  return [formatXdstpName({ ...parsed, contextParams })];
}

/** What `node_context_params` may name. */
const PARAMS: ReadonlyMap<string, (node: NodeIdentity) => string> = new Map([
  ["id", ({ id }) => id],
  ["cluster", ({ cluster }) => cluster],
  ["locality.region", ({ region }) => region],
  ["locality.zone", ({ zone }) => zone],
  ["locality.sub_zone", ({ subZone }) => subZone],
]);

function locators({ dynamicResources: dynamic }: Bootstrap): Located[] {
  if (dynamic === undefined) return [];
  const { cdsResourcesLocator, cdsConfig, ldsResourcesLocator, ldsConfig } = dynamic;
  return [
    {
      field: "cds_resources_locator",
      locator: cdsResourcesLocator,
      source: cdsConfig,
      type: "envoy.config.cluster.v3.Cluster",
    },
    {
      field: "lds_resources_locator",
      locator: ldsResourcesLocator,
      source: ldsConfig,
      type: "envoy.config.listener.v3.Listener",
    },
  ];
}

/** In Envoy's words, where Envoy refuses it too. */
function problemOf({ locator, source, type }: Located): string | null {
  if (/^(file|https?):/.test(locator))
    return `not implemented yet: expected an xdstp:// name, got '${locator}'`;
  if (!locator.startsWith("xdstp:"))
    return `${locator} does not have a xdstp:, http: or file: scheme`;
  if (locator.includes("#")) return `not implemented yet: directives, such as in '${locator}'`;
  const parsed = parseXdstpName(locator);
  if (parsed === undefined) return `expected xdstp://AUTHORITY/${type}/..., got '${locator}'`;
  if (parsed.type !== type) return `xdstp:// type does not match ${type} in ${locator}`;
  return isDelta(source) ? null : NOT_DELTA;
}

const NOT_DELTA =
  "Missing or not supported config source specifier in envoy::config::core::v3::ConfigSource for a collection. Only ADS and gRPC in delta-xDS mode are supported.";

/** A collection is told of by what is in it and what is not: there is a protocol for that. */
function isDelta(source: ConfigSource | undefined): boolean {
  if (source === undefined) return false;
  if (source.configSourceSpecifier.case === "ads") return true;
  const { source: where } = readConfigSource(source);
  return where.kind === "grpc" && where.isDelta;
}
