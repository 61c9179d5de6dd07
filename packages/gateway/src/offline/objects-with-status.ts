import type { Pipeline } from "../pipeline.ts";
import { GATEWAY_GROUP, NUNCIO_GROUP, RESOURCE_KINDS } from "../resources/kinds.ts";
import type { Resource } from "../resources/object.ts";
import type { ResourceStore } from "../resources/store.ts";
import { statusOf } from "../status/status-of.ts";
import { writeStatus, type WrittenStatus } from "../status/written-status.ts";

type WithStatus = Resource & { readonly status?: WrittenStatus };

/**
 * The objects of Gateway API, and of Nuncio, with the status that a cluster would show; by kind and key.
 *
 * @param now RFC 3339, in whole seconds: the time of each condition that the object does not have yet
 */
export function objectsWithStatus(
  store: ResourceStore,
  { statuses }: Pick<Pipeline, "statuses">,
  now: string,
): readonly Resource[] {
  return RESOURCE_KINDS.filter(({ group }) => GROUPS.includes(group)).flatMap(({ kind }) => {
    const objects = [...store.table<WithStatus>(kind).entries()];
    return objects
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, object]) => {
        const status = statusOf(statuses, `${kind}/${key}`);
        if (status === undefined) return object;
        return { ...object, status: writeStatus(status.status, object.status, now) };
      });
  });
}

const GROUPS: readonly string[] = [GATEWAY_GROUP, NUNCIO_GROUP];
