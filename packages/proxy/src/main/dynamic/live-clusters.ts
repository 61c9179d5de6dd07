import type { InitTarget } from "../../config/context.ts";
import type { ClusterDefinition } from "../../upstream/definition.ts";
import { InitTargets } from "./init-targets.ts";

/** What has the clusters. */
export interface ClusterOwner {
  addOrUpdate(definition: ClusterDefinition): unknown;
  /** False when there is no such cluster. */
  remove(name: string): boolean;
}

/** What the clusters need from elsewhere: each begins when all of it is there. */
export class LiveClusters {
  readonly #owner: ClusterOwner;
  /** Of the newest versions, by name. */
  readonly #needs = new Map<string, InitTargets>();

  constructor(owner: ClusterOwner) {
    this.#owner = owner;
  }

  /** Calls back, perhaps at once, when the cluster begins. */
  set(
    definition: ClusterDefinition,
    targets: readonly InitTarget[],
    onBegin: () => void = () => {},
  ): void {
    const { name } = definition.config;
    const needs = new InitTargets(targets);
    const before = this.#needs.get(name);
    this.#needs.set(name, needs);
    needs.whenReady(() => {
      if (this.#needs.get(name) === needs) this.#owner.addOrUpdate(definition);
      onBegin();
    });
    before?.release();
  }

  /** What the cluster of this name waits for; empty for nothing. */
  missing(name: string): readonly string[] {
    return this.#needs.get(name)?.missing ?? [];
  }

  remove(name: string): void {
    this.#needs.get(name)?.release();
    this.#needs.delete(name);
    this.#owner.remove(name);
  }
}
