import type { Problems } from "@nuncio/api";
import { Runtime } from "../../runtime/snapshot.ts";
import { SecretStore } from "../../transport/tls/config/secret-store.ts";
import { TlsContexts } from "../../transport/tls/config/tls-contexts.ts";
import type { CompileContext } from "../context.ts";

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
    stats: { scope: (prefix) => ({ base: 0, histogramBase: 0, prefix }) },
    clusterNames: null,
    node: { id: "", cluster: "", region: "", zone: "", subZone: "" },
    matchers: { header: () => null, string: () => null },
    runtime: new Runtime(),
    tls: new TlsContexts(new SecretStore()),
    routeConfigs: {
      of: () => ({ id: 0, name: "", whenReady: (onReady) => onReady(), release() {} }),
    },
    secrets: {
      of: () => ({ name: "", current: null, whenReady: (onReady) => onReady(), release() {} }),
    },
    targets: [],
    ...over,
  };
}
