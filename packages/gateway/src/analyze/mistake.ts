import type { Place } from "@nuncio/api";
import type { Pipeline } from "../pipeline.ts";
import type { Resource } from "../resources/object.ts";
import type { FieldPath } from "../resources/problem.ts";
import type { ResourceStore } from "../resources/store.ts";
import type { Reference } from "./references.ts";

/** What a check looks at. */
export interface AnalyzedResources {
  readonly store: ResourceStore;
  readonly pipeline: Pipeline;
  /** All objects, kind by kind. */
  readonly objects: readonly Resource[];
  /** Whatever they refer to. */
  readonly references: readonly Reference[];
  /** Milliseconds since 1970, for certificates. */
  readonly nowMs: number;
}

/** What a check has found. */
export interface Finding {
  /** `missing-object`; docs/gateway-cli.md lists them. */
  readonly rule: string;
  /** An error does not work; a warning is most likely not what was meant. */
  readonly severity: "error" | "warning";
  readonly object: Resource;
  readonly path: FieldPath;
  readonly message: string;
  /** What to do; more lines than one for a resource to add. */
  readonly suggestion?: string;
}

/** A finding as it is told. */
export interface Mistake {
  readonly rule: string;
  readonly severity: "error" | "warning";
  /** Null: the object is in no file. */
  readonly place: Place | null;
  /** `HTTPRoute default/shop` */
  readonly object: string;
  /** `spec.rules[0].backendRefs[0]`; empty for the whole object. */
  readonly path: string;
  readonly message: string;
  readonly suggestion: string | null;
}

export type Check = (resources: AnalyzedResources) => readonly Finding[];
