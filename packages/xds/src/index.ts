// The xDS protocol, both sides: usable without the proxy.

export { systemClock } from "./types/clock.ts";
export type { Clock, Timer } from "./types/clock.ts";
export {
  WILDCARD,
  canonicalResourceName,
  formatXdstpName,
  isXdstpName,
  parseXdstpName,
} from "./types/resource-name.ts";
export type { XdstpName } from "./types/resource-name.ts";
export {
  RESOURCE_TYPES,
  orderOfUrl,
  resourceTypeOfUrl,
  shortNameOfUrl,
  typeUrlOf,
} from "./types/resource-type.ts";
export type { ResourceType } from "./types/resource-type.ts";
export { contentVersion, versionedResource } from "./types/versioned-resource.ts";
export type { ResourceOptions, VersionedResource } from "./types/versioned-resource.ts";
