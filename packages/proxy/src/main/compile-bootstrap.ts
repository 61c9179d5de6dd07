import {
  checkImplemented,
  load,
  validate,
  type Locator,
  type Problem,
  type Problems,
  type Source,
} from "@nuncio/api";
import type {
  Bootstrap,
  Bootstrap_StaticResources,
} from "@nuncio/api/types/envoy/config/bootstrap/v3/bootstrap_pb";
import { accessLoggerConfigSides } from "../access-loggers/config-sides.ts";
import type { CompileContext, InitTarget, NodeIdentity } from "../config/context.ts";
import { compileDuration } from "../config/durations.ts";
import { matcherCompilers } from "../http/route/matchers/compilers.ts";
import { compileListener } from "../listener/config.ts";
import type { ListenerConfig } from "../listener/model.ts";
import { networkFilterMainSides } from "../network-filters.ts";
import type { StatsRegistry } from "../observe/stats/definition.ts";
import { compileStatsConfig, type StatsSettings } from "../observe/stats/stats-config.ts";
import { compileOverloadManager } from "../overload/config.ts";
import type { OverloadDefinition } from "../overload/model.ts";
import { compileRuntime } from "../runtime/config.ts";
import { RuntimeLoader } from "../runtime/loader.ts";
import { SecretStore } from "../transport/tls/config/secret-store.ts";
import { TlsContexts } from "../transport/tls/config/tls-contexts.ts";
import { compileClusters } from "../upstream/compile/cluster.ts";
import type { ClusterDefinition } from "../upstream/definition.ts";
import { compileAdmin, type AdminConfig } from "./admin/config.ts";
import { adsIsDelta, checkSources } from "./control-plane/check-sources.ts";
import { judgeDeprecatedFeatures } from "./deprecated-features.ts";
import { distinctListeners } from "./distinct-listeners.ts";
import { DiscoveredExtensions } from "./dynamic/extension-configs.ts";
import { OnDemandClusters } from "./dynamic/odcds.ts";
import type { ResourceContext } from "./dynamic/resource-compiler.ts";
import { RouteConfigs } from "./dynamic/route-configs.ts";
import { ScopedRoutes } from "./dynamic/scoped-routes.ts";
import { RemoteSecrets } from "./dynamic/secrets.ts";
import { implementedTable } from "./implemented.ts";
import type { ProxyOptions } from "./options.ts";

/** A bootstrap, decoded, validated and compiled. Not for use when `problems` has an error. */
export interface CompiledBootstrap {
  readonly bootstrap: Bootstrap;
  readonly problems: readonly Problem[];
  readonly node: NodeIdentity;
  readonly listeners: readonly ListenerConfig[];
  /** What each of them needs from elsewhere. */
  readonly listenerTargets: ReadonlyMap<ListenerConfig, readonly InitTarget[]>;
  readonly clusters: readonly ClusterDefinition[];
  /** What each of them needs from elsewhere. */
  readonly clusterTargets: ReadonlyMap<ClusterDefinition, readonly InitTarget[]>;
  readonly admin: AdminConfig | null;
  readonly stats: StatsSettings;
  readonly statsFlushIntervalMs: number;
  /** Null without an overload manager. */
  readonly overload: OverloadDefinition | null;
  /** The layers of the runtime, read once. */
  readonly runtime: RuntimeLoader;
  /** How many deprecated features are in use. */
  readonly deprecatedFeatures: number;
  /** The TLS contexts of listeners and clusters, and what it takes to compile them anew. */
  readonly tls: TlsContexts;
  /** The routes that come by RDS. */
  readonly routeConfigs: RouteConfigs;
  /** The scopes that come by SRDS. */
  readonly scopedRoutes: ScopedRoutes;
  /** The clusters that are asked for when a request needs them. */
  readonly onDemandClusters: OnDemandClusters;
  /** The filters that come by ECDS. */
  readonly extensionConfigs: DiscoveredExtensions;
  /** The secrets that come by SDS from control planes. */
  readonly remoteSecrets: RemoteSecrets;
  /** What resources that come later are compiled with, too. */
  readonly context: ResourceContext;
}

/** What rooms compile with that do not know those who do it. */
const OF_OTHER_ROOMS = { matchers: matcherCompilers, accessLoggers: accessLoggerConfigSides };

/**
 * The whole way of a configuration on main: load → validate → implemented → compile. Never throws because of its input.
 * `onLoaded` is handed what knows the places of the messages; a proxy that serves does not keep it.
 */
export function compileBootstrap(
  sources: readonly Source[],
  options: ProxyOptions,
  registry: StatsRegistry,
  onLoaded: (locator: Locator) => void = () => {},
): CompiledBootstrap {
  const loaded = load<Bootstrap>("envoy.config.bootstrap.v3.Bootstrap", sources);
  const { message: bootstrap, problems } = loaded;
  onLoaded(loaded.origins);
  if (options.allowUnknownStaticFields) allowUnknownFields(problems);
  validate(loaded);
  checkImplemented(bootstrap, implementedTable(), problems, {
    allowUnimplemented: options.allowUnimplemented,
  });
  const { listeners: allListeners, clusters, secrets: given } = staticResources(bootstrap);
  const node = nodeIdentity(bootstrap, options);
  const live = loadRuntime(bootstrap, node, problems);
  if (options.skipDeprecatedLogs) dropDeprecations(problems);
  const secrets = new SecretStore();
  const delivered = deliveredResources();
  const ctx: CompileContext = {
    problems,
    stats: registry,
    clusterNames: new Set(clusters.map((cluster) => cluster.name)),
    node,
    ...OF_OTHER_ROOMS,
    runtime: live.runtime.runtime,
    tls: new TlsContexts(secrets),
    adsIsDelta: adsIsDelta(bootstrap),
    ...delivered,
    secrets: delivered.remoteSecrets,
    targets: [],
  };
  const { problems: _problems, ...context } = ctx;
  // A message that broke a rule may lack what compiling relies on.
  const usable = !problems.hasErrors;
  if (usable) checkSources(bootstrap, node, problems);
  secrets.addStatic(usable ? given : [], ctx);
  const compiler = { networkFilters: networkFilterMainSides, workers: options.concurrency };
  const messages = usable ? allListeners : [];
  const clusterTargets = new Map<ClusterDefinition, readonly InitTarget[]>();
  const listenerTargets = new Map<ListenerConfig, readonly InitTarget[]>();
  const listeners = messages.map((listener) => {
    const targets: InitTarget[] = [];
    const config = compileListener(listener, { ...ctx, targets }, compiler);
    if (config !== null) listenerTargets.set(config, targets);
    return config;
  });
  return {
    bootstrap,
    node,
    listeners: distinctListeners(messages, listeners, ctx),
    listenerTargets,
    context,
    ...delivered,
    clusters: usable ? compileClusters(clusters, ctx, clusterTargets) : [],
    clusterTargets,
    admin: usable && bootstrap.admin !== undefined ? compileAdmin(bootstrap.admin, ctx) : null,
    stats: compileStatsConfig(
      usable ? bootstrap.statsConfig : undefined,
      problems,
      options.statsTags,
    ),
    statsFlushIntervalMs: usable ? compileFlushInterval(bootstrap, ctx) : FLUSH_INTERVAL_MS,
    overload: usable ? compileOverloadManager(bootstrap.overloadManager, ctx) : null,
    ...live,
    tls: ctx.tls,
    problems: problems.list,
  };
}

/** What control planes give to what names it. */
function deliveredResources(): Pick<
  CompiledBootstrap,
  "routeConfigs" | "scopedRoutes" | "onDemandClusters" | "extensionConfigs" | "remoteSecrets"
> {
  const routeConfigs = new RouteConfigs();
  return {
    routeConfigs,
    scopedRoutes: new ScopedRoutes(routeConfigs),
    onDemandClusters: new OnDemandClusters(),
    extensionConfigs: new DiscoveredExtensions(),
    remoteSecrets: new RemoteSecrets(),
  };
}

/** The runtime comes first: it has its say in what is deprecated, and in what is decided once. */
function loadRuntime(
  { layeredRuntime }: Bootstrap,
  { cluster }: NodeIdentity,
  problems: Problems,
): Pick<CompiledBootstrap, "runtime" | "deprecatedFeatures"> {
  const runtime = new RuntimeLoader(compileRuntime(layeredRuntime, cluster, { problems }));
  return { runtime, deprecatedFeatures: judgeDeprecatedFeatures(problems.list, runtime.runtime) };
}

type StaticResources = Pick<Bootstrap_StaticResources, "listeners" | "clusters" | "secrets">;

function staticResources({ staticResources: given }: Bootstrap): StaticResources {
  return given ?? { listeners: [], clusters: [], secrets: [] };
}

const FLUSH_INTERVAL_MS = 5000;

function compileFlushInterval(bootstrap: Bootstrap, ctx: CompileContext): number {
  const { statsFlushInterval: given } = bootstrap;
  return compileDuration(bootstrap, "stats_flush_interval", given, FLUSH_INTERVAL_MS, ctx);
}

/** `--allow-unknown-static-fields`: what the API does not have is a warning. */
function allowUnknownFields({ list }: Problems): void {
  list.forEach((problem, index) => {
    if (problem.message.startsWith("unknown field"))
      list[index] = { ...problem, severity: "warning" };
  });
}

/** `--skip-deprecated-logs`: what is deprecated and still allowed is not worth a line. */
function dropDeprecations({ list }: Problems): void {
  const kept = list.filter(
    ({ severity, message }) => severity === "error" || !/^deprecated(:| value)/.test(message),
  );
  list.splice(0, list.length, ...kept);
}

/** The flags fill in what the file leaves open, as in Envoy. */
function nodeIdentity({ node }: Bootstrap, options: ProxyOptions): NodeIdentity {
  const { region = "", zone = "", subZone = "" } = node?.locality ?? {};
  return {
    id: node?.id || options.serviceNode,
    cluster: node?.cluster || options.serviceCluster,
    region,
    zone: zone || options.serviceZone,
    subZone,
    ...(node?.metadata !== undefined && { metadata: node.metadata }),
  };
}
