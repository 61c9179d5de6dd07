import type { DocumentObject } from "../documents/scene.ts";
import { compareConnections } from "./compare-connections.ts";
import { compareRouting } from "./compare-routing.ts";
import { compareStatuses } from "./compare-statuses.ts";
import type { OracleDifference } from "./difference.ts";
import { Specification } from "./specification/specification.ts";
import type { Translation } from "./translation.ts";

/** What two translations of the same objects differ in; `left` is the original's. */
export function compareTranslations(
  objects: readonly DocumentObject[],
  theirs: Translation,
  ours: Translation,
): OracleDifference[] {
  const specification = new Specification(objects, theirs.statuses);
  return [
    ...compareStatuses(theirs, ours, specification),
    ...compareRouting(theirs, ours, specification),
    ...compareConnections(theirs.connections, ours.connections, specification),
  ];
}
