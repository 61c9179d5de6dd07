export { Problems } from "./problems.ts";
export type { Locator, Place, Problem } from "./problems.ts";
export { envoyTypes } from "./registry/envoy-types.ts";
export { TypeRegistry, typeNameOfUrl } from "./registry/type-registry.ts";
export { formatOfName, load, loadMessage } from "./load/load.ts";
export type { Format, Loaded, Source } from "./load/load.ts";
export { typeNameOfAny, unpack } from "./load/any.ts";
export { defaultLoadLimits } from "./load/text-node.ts";
export type { LoadLimits } from "./load/text-node.ts";
