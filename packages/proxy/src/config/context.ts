import type { Problems } from "@nuncio/api";
import type { MatcherCompilers } from "../observe/access-log/compile-filter.ts";
import type { StatsRegistry } from "../observe/stats/definition.ts";
import type { TlsContexts } from "../transport/tls/config/tls-contexts.ts";

/** What every `compile…` function of the main side is handed. */
export interface CompileContext {
  /** Where errors go, with their place. A compile function adds problems and returns its best effort; it never throws. */
  readonly problems: Problems;
  readonly stats: StatsRegistry;
  /** Names of all clusters of this configuration; null when they are not known yet (RDS before CDS). */
  readonly clusterNames: ReadonlySet<string> | null;
  readonly node: NodeIdentity;
  /** How access log filters compile what other rooms own. */
  readonly matchers: MatcherCompilers;
  /** Where TLS contexts are compiled, and kept for when their secrets change. */
  readonly tls: TlsContexts;
}

/** Who this proxy is, from the bootstrap's `node` and the command line. */
export interface NodeIdentity {
  readonly id: string;
  readonly cluster: string;
  readonly region: string;
  readonly zone: string;
  readonly subZone: string;
}
