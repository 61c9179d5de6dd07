import type { Problem } from "@nuncio/api";
import type { Runtime } from "../runtime/snapshot.ts";

const DEPRECATED = /^deprecated(?<refused> and no longer allowed)?: (?<field>\S+)$/;
const DEPRECATED_VALUE = /^deprecated value /;

/**
 * What is deprecated is taken with a warning, and what was so for long is refused, unless the runtime says otherwise:
 * `envoy.deprecated_features:<field>` for a field, `envoy.features.enable_all_deprecated_features` and
 * `envoy.features.fail_on_any_deprecated_feature` for all. Turns warnings and errors of the list into each other, and
 * returns how many deprecated features are in use.
 */
export function judgeDeprecatedFeatures(list: Problem[], runtime: Runtime): number {
  const failsOnAny = runtime.boolean("envoy.features.fail_on_any_deprecated_feature", false);
  const all = runtime.entry("envoy.features.enable_all_deprecated_features")?.bool;
  let used = 0;
  for (const [index, problem] of list.entries()) {
    const field = DEPRECATED.exec(problem.message)?.groups;
    if (field === undefined && !DEPRECATED_VALUE.test(problem.message)) continue;
    const byDefault = all ?? field?.["refused"] === undefined;
    const key = `envoy.deprecated_features:${field?.["field"] ?? ""}`;
    const isTaken = runtime.boolean(key, byDefault) && !failsOnAny;
    if (isTaken) used++;
    list[index] = { ...problem, severity: isTaken ? "warning" : "error" };
  }
  return used;
}
