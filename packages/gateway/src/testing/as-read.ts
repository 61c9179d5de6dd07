import { newestApiVersion, RESOURCE_KINDS, type ResourceKind } from "../resources/kinds.ts";
import type { Resource } from "../resources/object.ts";
import { validateObject } from "../resources/validate.ts";

/**
 * An object as providers hand it on: with defaults. One that is refused there is taken all the same, as it is: a newer
 * schema than ours may let it by. Without a version it is of the newest.
 */
export function asRead(resource: Omit<Resource, "apiVersion"> & Partial<Resource>): Resource {
  const kind: ResourceKind = RESOURCE_KINDS.find((one) => one.kind === resource.kind)!;
  const apiVersion = resource.apiVersion ?? newestApiVersion(kind);
  const read = { ...structuredClone(resource), apiVersion };
  const version = apiVersion.split("/").at(-1)!;
  return validateObject({ ...read }, kind, version).resource ?? read;
}
