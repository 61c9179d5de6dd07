import { formatProblem } from "@nuncio/api";
import type { Locator } from "@nuncio/api";
import type { Explainer } from "../explain/explainer.ts";
import type { ScopeSlots, StatsLease } from "../observe/stats/definition.ts";
import { compileBootstrap } from "./compile-bootstrap.ts";
import { StartError } from "./errors.ts";
import { hostIp } from "./host-ip.ts";
import type { ProxyOptions } from "./options.ts";
import { resolvedListener } from "./resolved-listener.ts";
import { readSources } from "./sources.ts";

/** What explains requests by a configuration, and its warnings, a line each. */
export interface LoadedExplainer {
  readonly explainer: Explainer;
  readonly warnings: string;
}

/**
 * Reads a configuration to explain requests by it. Nothing is started.
 * @throws StartError with all errors and warnings, a line each, for a configuration that a proxy would refuse
 */
export async function loadExplainer(options: ProxyOptions): Promise<LoadedExplainer> {
  let locator!: Locator;
  const sources = readSources(options);
  const compiled = compileBootstrap(sources, options, NO_STATS, (given) => (locator = given));
  const text = compiled.problems.map((problem) => formatProblem(problem)).join("\n");
  if (compiled.problems.some(({ severity }) => severity === "error")) throw new StartError(text);
  // A proxy that serves has no use for this code and its memory.
  const { Explainer: Explains } = await import("../explain/explainer.ts");
  const { Places } = await import("../explain/places.ts");
  const explainer = new Explains({
    // Nothing comes: filters have their default configurations, and what RDS and SRDS give is not known.
    listeners: compiled.listeners.map((each) =>
      resolvedListener(each, { extensionConfigs: compiled.extensionConfigs }),
    ),
    clusters: compiled.clusters,
    places: new Places(compiled.bootstrap, locator),
    hostIp: hostIp(options.localAddressIpVersion),
    wallMs: Date.now(),
    runtime: compiled.runtime.runtime,
  });
  return { explainer, warnings: text };
}

const NO_SLOTS: ScopeSlots = { base: 0, histogramBase: 0, prefix: "" };
const NO_STATS: StatsLease = {
  scope: (prefix: string): ScopeSlots => ({ ...NO_SLOTS, prefix }),
  lease: () => NO_STATS,
  setTextReadout() {},
  release() {},
};
