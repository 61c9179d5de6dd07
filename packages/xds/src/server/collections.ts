import { collectionOf, isCollectionName, isXdstpName } from "../types/resource-name.ts";
import { resourceTypeOfUrl } from "../types/resource-type.ts";

/** How names of a type stand for more resources than one. */
export interface Collections {
  /** True of a name that stands for all resources of a collection. */
  isName(name: string): boolean;
  /** The collection that a resource is in, if any. */
  of(resourceName: string): string | undefined;
}

/** Names as `xdstp://authority/type/folder/*`. */
const globs: Collections = { isName: isCollectionName, of: collectionOf };

/**
 * Each name stands for the resource itself and for all whose names have it before their last slash: `routes` for
 * `routes/a.example.com`.
 */
const nameSpaces: Collections = {
  isName: (name) => !isXdstpName(name) || isCollectionName(name),
  of(resourceName) {
    if (isXdstpName(resourceName)) return collectionOf(resourceName);
    const slash = resourceName.lastIndexOf("/");
    return slash === -1 ? undefined : resourceName.slice(0, slash);
  },
};

/** The collections of a type. */
export function collectionsOfType(typeUrl: string): Collections {
  return resourceTypeOfUrl(typeUrl)?.nameSpaces === true ? nameSpaces : globs;
}
