import type { Problems } from "@nuncio/api";
import type { ConfigSource } from "@nuncio/api/types/envoy/config/core/v3/config_source_pb";
import type { Secret } from "@nuncio/api/types/envoy/extensions/transport_sockets/tls/v3/secret_pb";
import type { MatcherCompilers } from "../observe/access-log/compile-filter.ts";
import type { StatsRegistry } from "../observe/stats/definition.ts";
import type { Runtime } from "../runtime/snapshot.ts";
import type { TlsContexts } from "../transport/tls/config/tls-contexts.ts";

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
  /** The values of the runtime, for what is decided once, when it is compiled. */
  readonly runtime: Runtime;
  /** Where TLS contexts are compiled, and kept for when their secrets change. */
  readonly tls: TlsContexts;
  /** Routes that come by RDS. */
  readonly routeConfigs: RouteConfigSource;
  /** Secrets that come by SDS from a control plane. */
  readonly secrets: SecretSource;
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
}

/** Who this proxy is, from the bootstrap's `node` and the command line. */
export interface NodeIdentity {
  readonly id: string;
  readonly cluster: string;
  readonly region: string;
  readonly zone: string;
  readonly subZone: string;
}
