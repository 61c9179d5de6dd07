import type { JsonObject } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import type { Problems } from "@nuncio/api";
import type {
  ConfigSource,
  ExtensionConfigSource,
} from "@nuncio/api/types/envoy/config/core/v3/config_source_pb";
import type { RouteConfiguration } from "@nuncio/api/types/envoy/config/route/v3/route_pb";
import type { Secret } from "@nuncio/api/types/envoy/extensions/transport_sockets/tls/v3/secret_pb";
import type { ExtensionConfig } from "../extension/model.ts";
import type { RouteTableConfig } from "../http/route/model.ts";
import type { MatcherCompilers } from "../observe/access-log/compile-filter.ts";
import type { AccessLoggerConfigSides } from "../observe/access-log/extension.ts";
import type { StatsRegistry } from "../observe/stats/definition.ts";
import type { Runtime } from "../runtime/snapshot.ts";
import type { TlsContexts } from "../transport/tls/config/tls-contexts.ts";
import type { ConfigHolder } from "./extension-discovery.ts";

/** What every `compile…` function of the main side is handed. */
export interface CompileContext {
  /** Where errors go, with their place. A compile function adds problems and returns its best effort; it never throws. */
  readonly problems: Problems;
  readonly stats: StatsRegistry;
  /** Names of the clusters that there are; null when that is not to be checked. */
  readonly clusterNames: { has(name: string): boolean } | null;
  readonly node: NodeIdentity;
  /** How access log filters compile what other rooms own. */
  readonly matchers: MatcherCompilers;
  /** Access loggers other than files. */
  readonly accessLoggers: AccessLoggerConfigSides;
  /** The values of the runtime, for what is decided once, when it is compiled. */
  readonly runtime: Runtime;
  /** Where TLS contexts are compiled, and kept for when their secrets change. */
  readonly tls: TlsContexts;
  /** The bootstrap's `ads_config` speaks the delta protocol. */
  readonly adsIsDelta: boolean;
  /** Routes that come by RDS. */
  readonly routeConfigs: RouteConfigSource;
  /** Scopes of routes that come by SRDS. */
  readonly scopedRoutes: ScopedRouteSource;
  /** Clusters that are asked for when a request needs them. */
  readonly onDemandClusters: OnDemandClusterSource;
  /** Secrets that come by SDS from a control plane. */
  readonly secrets: SecretSource;
  /** Filters that come by ECDS. */
  readonly extensionConfigs: ExtensionConfigs;
  /** What has to come before what is compiled can serve; compiling adds to it, and whoever has it compiled releases it. */
  readonly targets: InitTarget[];
}

/** Something that comes from elsewhere, and that has to be there first (Envoy's `Init::Target`). */
export interface InitTarget {
  /** For the status: `route configuration 'a'`. */
  readonly name: string;
  /** Asks for it. Calls back, perhaps at once, when it is there, or did not come in its time. */
  whenReady(onReady: () => void): void;
  /** It is not needed any more, by the one for whom it was compiled. Call once. */
  release(): void;
}

/** A secret that a control plane gives. */
export interface RemoteSecret extends InitTarget {
  /** Null until it came. */
  readonly current: Secret | null;
}

/** Finds secrets that control planes give. */
export interface SecretSource {
  /** The same for the same name from the same source. Each call is to be released. */
  of(name: string, source: ConfigSource): RemoteSecret;
}

/** Makes routes that come from elsewhere known to workers by a number. */
export interface RouteConfigSource {
  /** The same name from the same source has the same number. Each call is to be released. */
  of(name: string, source: ConfigSource, statPrefix: string): InitTarget & { readonly id: number };
  /** Routes that are given, and have virtual hosts come by VHDS. Each call has a number of its own, and is to be released. */
  withVirtualHosts(
    message: RouteConfiguration,
    table: RouteTableConfig,
  ): InitTarget & { readonly id: number };
}

/** Makes scopes that come from elsewhere known to workers by a number. */
export interface ScopedRouteSource {
  /** The same for the same sources. Each call is to be released. */
  of(options: ScopedRouteOptions): InitTarget & { readonly id: number };
}

export interface ScopedRouteOptions {
  /** Of the `scoped_routes`: for the statistics, and for people. */
  readonly name: string;
  readonly source: ConfigSource;
  /** Where the routes of scopes come from that name some; undefined where none may. */
  readonly rdsSource: ConfigSource | undefined;
  /** Of the connection manager, with its dot. */
  readonly statPrefix: string;
}

/** Makes sources of clusters known to workers by a number. */
export interface OnDemandClusterSource {
  /** Equal sources have one number. Each call is to be released. */
  of(source: ConfigSource): InitTarget & { readonly id: number };
}

/** A filter that comes by ECDS, at one place. */
export interface ExtensionUse {
  readonly kind: "http_filter" | "network_filter" | "tcp_listener_filter";
  readonly name: string;
  readonly source: ConfigSource;
  /** All that is said of where it comes from. */
  readonly discovery: ExtensionConfigSource;
  /** Uses of the same name and kind, from the same source, with the same key, are one. */
  readonly key: string;
  /** As long as no other one has come; null for none. */
  readonly default: ExtensionConfig | null;
  /** Whether nothing is served before it came, or did not in its time. */
  readonly waits: boolean;
  /** What a configuration is at that place; null with problems that say why it cannot be there. */
  compile(config: Any, holder: ConfigHolder, ctx: CompileContext): ExtensionConfig | null;
  /** Whether what has begun may go on by the new configuration; else it goes on by the old one. */
  concernsOld(before: ExtensionConfig, after: ExtensionConfig): boolean;
}

/** Makes filters that come by ECDS known to workers by a number. */
export interface ExtensionConfigs {
  /** The same use has the same number. Each call is to be released. */
  of(use: ExtensionUse): InitTarget & { readonly id: number };
}

/** Who this proxy is, from the bootstrap's `node` and the command line. */
export interface NodeIdentity {
  readonly id: string;
  readonly cluster: string;
  readonly region: string;
  readonly zone: string;
  readonly subZone: string;
  /** `node.metadata`; left out for none. */
  readonly metadata?: JsonObject;
}
