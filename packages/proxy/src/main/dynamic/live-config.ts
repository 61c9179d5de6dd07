import type { Bootstrap_DynamicResources } from "@nuncio/api/types/envoy/config/bootstrap/v3/bootstrap_pb";
import type { ListenerCompiler } from "../../listener/config.ts";
import type { ListenerConfig } from "../../listener/model.ts";
import type { CompiledBootstrap } from "../compile-bootstrap.ts";
import { watchedNames } from "../control-plane/resources-locator.ts";
import { StartError } from "../errors.ts";
import { CdsApi } from "./cds.ts";
import { ClusterTaker } from "./cluster-taker.ts";
import { LdsApi } from "./lds.ts";
import { LiveClusters, type ClusterOwner } from "./live-clusters.ts";
import { LiveListeners, type ListenerOwner } from "./live-listeners.ts";
import type { LiveParts } from "./live-parts.ts";
import { RtdsApi } from "./rtds.ts";
import type { UseSecret } from "./secrets.ts";

/** Clusters, as the start needs them. */
export interface ClustersAtStart extends ClusterOwner {
  /** Calls back, perhaps at once, when every cluster that start-up waits for has had its first answer. */
  whenInitialized(callback: () => void): void;
  /** The cluster that serves under this name. */
  get(name: string): unknown;
}

/**
 * The configuration while the proxy runs: clusters first, then what listens, that of the bootstrap and that of control
 * planes alike.
 */
export class LiveConfig {
  readonly listeners: LiveListeners;
  readonly #compiled: CompiledBootstrap;
  readonly #owner: ClustersAtStart;
  readonly #clusters: LiveClusters;
  readonly #cds: CdsApi;
  readonly #lds: LdsApi;
  readonly #rtds: RtdsApi;

  constructor(
    compiled: CompiledBootstrap,
    owners: {
      readonly clusters: ClustersAtStart;
      readonly listeners: ListenerOwner;
      readonly secrets: { readonly use: UseSecret };
    },
    compiler: ListenerCompiler,
    parts: LiveParts,
  ) {
    this.#compiled = compiled;
    this.#owner = owners.clusters;
    this.#clusters = new LiveClusters(owners.clusters, (text) => parts.warn(text));
    this.listeners = new LiveListeners(owners.listeners);
    const clusterNames = compiled.clusters.map(({ config }) => config.name);
    const listenerNames = compiled.listeners.map(({ name }) => name);
    const primary = compiled.clusters.filter(({ discovery }) => discovery.type !== "EDS");
    const primaryNames = new Set(primary.map(({ config }) => config.name));
    const taker = new ClusterTaker(parts, this.#clusters, new Set(clusterNames), primaryNames);
    this.#cds = new CdsApi(parts, taker);
    this.#lds = new LdsApi(parts, this.listeners, compiler, new Set(listenerNames));
    this.#rtds = new RtdsApi(parts);
    compiled.routeConfigs.start(parts);
    compiled.scopedRoutes.start(parts);
    compiled.onDemandClusters.start({
      live: parts,
      taker,
      hasCluster: (name) => owners.clusters.get(name) !== undefined,
    });
    owners.clusters.addListener({
      onClusterAddOrUpdate: (name) => compiled.onDemandClusters.onCluster(name),
    });
    compiled.extensionConfigs.start(parts);
    compiled.remoteSecrets.start(parts, (secret) => owners.secrets.use(secret));
  }

  /**
   * Resolves when all clusters have had their first answer, those of the control plane too, and layers of the runtime.
   * `onPrimary` is called in between: the clusters of the bootstrap are there, and control planes can be reached.
   * @throws StartError when one of the bootstrap cannot begin
   */
  async startClusters(onPrimary: () => void = () => {}): Promise<void> {
    const { clusters, clusterTargets } = this.#compiled;
    for (const definition of clusters) {
      const targets = clusterTargets.get(definition) ?? [];
      const error = this.#clusters.set(definition, targets, { origin: { addedViaApi: false } });
      if (error !== null) throw new StartError(`cluster '${definition.config.name}': ${error}`);
    }
    await this.#clustersInitialized();
    this.#compiled.runtime.attach(this.#rtds);
    await this.#rtds.answered();
    onPrimary();
    const { cdsConfig, cdsResourcesLocator: locator = "" } = this.#dynamic;
    if (cdsConfig === undefined) return;
    const names = this.#watched(locator);
    await new Promise<void>((resolve) => this.#cds.start(cdsConfig, names, resolve));
    await this.#clustersInitialized();
  }

  /**
   * Resolves when every listener of the bootstrap, and of the first answer, is in its place. `isInherited` tells those
   * that have their sockets already. What has to be bound can fail, and comes first: until then a predecessor serves all
   * that there was.
   * @throws StartError when one of the bootstrap cannot be
   */
  async startListeners(
    isInherited: (listener: ListenerConfig) => boolean = () => false,
  ): Promise<void> {
    const { listeners } = this.#compiled;
    await this.#add(listeners.filter((listener) => !isInherited(listener)));
    const others = this.#add(listeners.filter(isInherited));
    const { ldsConfig, ldsResourcesLocator: locator = "" } = this.#dynamic;
    if (ldsConfig !== undefined) {
      const names = this.#watched(locator);
      await new Promise<void>((resolve) => this.#lds.start(ldsConfig, names, resolve));
    }
    await others;
  }

  close(): void {
    this.#rtds.close();
    this.#cds.close();
    this.#lds.close();
  }

  get #dynamic(): Partial<Bootstrap_DynamicResources> {
    return this.#compiled.bootstrap.dynamicResources ?? {};
  }

  #watched(locator: string): readonly string[] {
    const { bootstrap, node } = this.#compiled;
    return watchedNames(locator, bootstrap.nodeContextParams, node);
  }

  async #add(listeners: readonly ListenerConfig[]): Promise<void> {
    const { listenerTargets } = this.#compiled;
    const placed = listeners.map(async (listener) => {
      try {
        await this.listeners.set(listener, listenerTargets.get(listener) ?? []);
      } catch (error) {
        const text = `error adding listener '${listener.name}': ${(error as Error).message}`;
        throw new StartError(text, { cause: error });
      }
    });
    await Promise.all(placed);
  }

  #clustersInitialized(): Promise<void> {
    return new Promise((resolve) => this.#owner.whenInitialized(resolve));
  }
}
