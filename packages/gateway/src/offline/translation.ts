import type { Place } from "@nuncio/api";
import { Table } from "../incremental/table.ts";
import { pipeline, type Pipeline } from "../pipeline.ts";
import { DEFAULTS, ProvidedObjects } from "../providers/provided-objects.ts";
import { keyOf, type ObjectKey } from "../resources/object.ts";
import { formatResourceProblem, type FieldPath } from "../resources/problem.ts";
import { placeOf, type Origin } from "../resources/read/origin.ts";
import { defaultReadLimits, type ReadLimits } from "../resources/read/read-limits.ts";
import {
  readResources,
  type ReadResult,
  type ResourceSource,
} from "../resources/read/read-resources.ts";
import { ResourceStore } from "../resources/store.ts";
import type { DataPlaneState } from "../status/data-plane-state.ts";
import { DEFAULT_GATEWAY_CLASS } from "../translator/classes/default-class.ts";
import { DEFAULT_GATEWAY_LIMITS, type GatewayLimits } from "../translator/gateways/limits.ts";

/**
 * What becomes of texts with resources when nothing runs: each data plane counts as one that takes what it is given.
 */
export class Translation {
  readonly store: ResourceStore = new ResourceStore();
  readonly pipeline: Pipeline;
  /** What is wrong with the texts, a line each with its place. */
  readonly problems: readonly string[];
  /** Whether there is an error among the problems. */
  readonly hasErrors: boolean;
  readonly #origins = new Map<string, Origin>();

  /** @param sources where an object is in two of them, it is taken from the one whose name sorts first */
  constructor(
    sources: readonly ResourceSource[],
    limits: ReadLimits & GatewayLimits = { ...defaultReadLimits, ...DEFAULT_GATEWAY_LIMITS },
  ) {
    const dataPlanes = new Table<DataPlaneState>("data planes");
    this.pipeline = pipeline({ store: this.store, dataPlanes, limits });
    const objects = new ProvidedObjects(this.store);
    objects.update(DEFAULTS, {
      objects: [DEFAULT_GATEWAY_CLASS],
      refused: [],
      complete: true,
    });
    const problems: string[] = [];
    let hasErrors = false;
    for (const source of sources.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      const read = readResources(source, limits);
      const between = objects.update(source.name, {
        objects: read.resources.map(({ resource }) => resource),
        // Nothing was there before.
        refused: [],
        complete: true,
      });
      this.#noteOrigins(read);
      problems.push(...read.problems.map(formatResourceProblem), ...between);
      hasErrors ||= read.problems.some(({ severity }) => severity === "error");
    }
    this.problems = problems;
    this.hasErrors = hasErrors;
    this.pipeline.order.settle();
  }

  /** Where an object is written, or a field of it; undefined for one that is in no text. */
  placeOf(kind: string, key: ObjectKey, path: FieldPath = []): Place | undefined {
    const origin = this.#origins.get(`${kind} ${key}`);
    return origin && placeOf(origin, path);
  }

  #noteOrigins({ resources }: ReadResult): void {
    for (const { resource, origin } of resources) {
      const id = `${resource.kind} ${keyOf(resource)}`;
      if (!this.#origins.has(id)) this.#origins.set(id, origin);
    }
  }
}
