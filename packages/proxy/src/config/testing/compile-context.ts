import type { Problems } from "@nuncio/api";
import type { StatsLease } from "../../observe/stats/definition.ts";
import { Runtime } from "../../runtime/snapshot.ts";
import { SecretStore } from "../../transport/tls/config/secret-store.ts";
import { TlsContexts } from "../../transport/tls/config/tls-contexts.ts";
import type { CompileContext } from "../context.ts";

/** Statistics that go nowhere. */
const NO_STATS: StatsLease = {
  scope: (prefix) => ({ base: 0, histogramBase: 0, prefix }),
  lease: () => NO_STATS,
  setTextReadout() {},
  release() {},
};

/**
 * A context to compile against in tests: problems go to `problems`, statistics nowhere, no cluster is known, the node has no
 * name. Header and string matchers of access log filters compile to `null` unless `over` says otherwise.
 */
export function testCompileContext(
  problems: Problems,
  over: Partial<CompileContext> = {},
): CompileContext {
  return {
    problems,
    stats: NO_STATS,
    clusterNames: null,
    node: { id: "", cluster: "", region: "", zone: "", subZone: "" },
    matchers: { header: () => null, string: () => null },
    accessLoggers: new Map(),
    runtime: new Runtime(),
    tls: new TlsContexts(new SecretStore()),
    adsIsDelta: false,
    routeConfigs: {
      of: () => ({ id: 0, name: "", whenReady: (onReady) => onReady(), release() {} }),
      withVirtualHosts: () => ({
        id: 0,
        name: "",
        whenReady: (onReady) => onReady(),
        release() {},
      }),
    },
    scopedRoutes: {
      of: () => ({ id: 0, name: "", whenReady: (onReady) => onReady(), release() {} }),
    },
    onDemandClusters: {
      of: () => ({ id: 0, name: "", whenReady: (onReady) => onReady(), release() {} }),
    },
    extensionConfigs: {
      of: () => ({ id: 0, name: "", whenReady: (onReady) => onReady(), release() {} }),
    },
    secrets: {
      of: () => ({ name: "", current: null, whenReady: (onReady) => onReady(), release() {} }),
    },
    targets: [],
    ...over,
  };
}
