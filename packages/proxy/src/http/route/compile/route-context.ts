import type { CompileContext } from "../../../config/context.ts";
import type { HttpFilterConfigSide } from "../../filters/extension.ts";
import type { ClusterChoiceConfig } from "../model.ts";

/** What the parts of one route table are compiled with. */
export interface RouteContext {
  readonly ctx: CompileContext;
  /** By the type in `typed_per_filter_config`. */
  readonly perRouteSides: ReadonlyMap<string, HttpFilterConfigSide>;
  /** By the type of the filter's own configuration. */
  readonly filterSides: ReadonlyMap<string, HttpFilterConfigSide>;
  /** Clusters that routes may name; null when they are not to be checked. */
  readonly clusterNames: CompileContext["clusterNames"];
  /** `cluster_specifier_plugins`, by name. */
  readonly clusterPlugins: ReadonlyMap<string, ClusterChoiceConfig>;
  readonly maxDirectResponseBodyBytes: number;
}
