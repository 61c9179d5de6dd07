import type { InitTarget } from "../../config/context.ts";
import type { ClusterDefinition } from "../../upstream/definition.ts";
import type { ClusterListener } from "../../upstream/manager/cluster-manager.ts";
import type { ClusterOrigin } from "../../upstream/manager/managed-cluster.ts";
import { InitTargets } from "./init-targets.ts";

/** What has the clusters. */
export interface ClusterOwner {
  /** @throws Error when there is no place for it, or its hosts cannot be asked for */
  addOrUpdate(definition: ClusterDefinition, origin: ClusterOrigin): unknown;
  /** False when there is no such cluster. */
  remove(name: string): boolean;
  /** What the newest definition of a cluster waits for; empty when it serves. */
  waitsFor(name: string): string;
  addListener(listener: ClusterListener): () => void;
}

/** The newest version of a cluster. */
interface Version {
  readonly definition: ClusterDefinition;
  readonly needs: InitTargets;
  /** Null once it serves. */
  onServing: (() => void) | null;
  /** The owner has it. */
  begun: boolean;
}

/** What the clusters need from elsewhere: each begins when all of it is there. */
export class LiveClusters {
  readonly #owner: ClusterOwner;
  readonly #warn: (text: string) => void;
  readonly #newest = new Map<string, Version>();

  /** `warn` hears of clusters that could not begin when what they needed had come. */
  constructor(owner: ClusterOwner, warn: (text: string) => void) {
    this.#owner = owner;
    this.#warn = warn;
    owner.addListener({ onClusterAddOrUpdate: (name) => this.#onServing(name) });
  }

  /** Why the cluster cannot begin, where that is known at once; null when it does, or waits. */
  set(
    definition: ClusterDefinition,
    targets: readonly InitTarget[],
    options: {
      readonly origin: ClusterOrigin;
      /** Called, perhaps at once, when it serves. */
      readonly onServing?: () => void;
    },
  ): string | null {
    const { name } = definition.config;
    const { origin, onServing = null } = options;
    const version: Version = {
      definition,
      needs: new InitTargets(targets),
      onServing,
      begun: false,
    };
    const before = this.#newest.get(name);
    this.#newest.set(name, version);
    let error: string | null = null;
    let isNow = true;
    version.needs.whenReady(() => {
      if (this.#newest.get(name) !== version) return;
      error = this.#begin(version, origin);
      if (error !== null && !isNow) this.#warn(`cluster '${name}': ${error}`);
    });
    isNow = false;
    if (error !== null) this.#takeBack(version, before);
    else if (before !== undefined) end(before);
    return error;
  }

  /** What the cluster of this name waits for; empty for nothing. */
  missing(name: string): readonly string[] {
    const needs = this.#newest.get(name)?.needs.missing ?? [];
    const hosts = this.#owner.waitsFor(name);
    return needs.length > 0 || hosts === "" ? needs : [hosts];
  }

  remove(name: string): void {
    const version = this.#newest.get(name);
    if (version !== undefined) end(version);
    this.#newest.delete(name);
    this.#owner.remove(name);
  }

  #begin(version: Version, origin: ClusterOrigin): string | null {
    const { definition } = version;
    version.begun = true;
    try {
      this.#owner.addOrUpdate(definition, origin);
    } catch (error) {
      return (error as Error).message;
    }
    const { name } = definition.config;
    if (this.#owner.waitsFor(name) === "") this.#onServing(name);
    return null;
  }

  /** It could not begin, so the one before it is still what serves. */
  #takeBack({ definition, needs }: Version, before: Version | undefined): void {
    const { name } = definition.config;
    needs.release();
    if (before === undefined) this.#newest.delete(name);
    else this.#newest.set(name, before);
  }

  #onServing(name: string): void {
    const version = this.#newest.get(name);
    if (version === undefined || !version.begun || this.#owner.waitsFor(name) !== "") return;
    const { onServing } = version;
    version.onServing = null;
    onServing?.();
  }
}

/** It is not the newest any more. The owner has its statistics, if it ever got it. */
function end({ needs, definition, begun }: Version): void {
  needs.release();
  if (!begun) definition.stats.release(() => true);
}
