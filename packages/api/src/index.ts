// Envoy's v3 and xDS messages: registry, loading with places, validation, JSON. Messages are those of
// @bufbuild/protobuf; their TypeScript types are in `@nuncio/api/types/...`.

export { durationNanos, formatDuration } from "./duration.ts";
export { formatProblem } from "./format-problem.ts";
export { checkImplemented, mergeImplemented } from "./implemented.ts";
export type { ImplementedPiece, ImplementedTable } from "./implemented.ts";
export { typeNameOfAny, unpack } from "./load/any.ts";
export { parseDocuments } from "./load/documents.ts";
export type { TextDocument } from "./load/documents.ts";
export { formatOfName, load, loadMessage } from "./load/load.ts";
export type { Format, Loaded, Source } from "./load/load.ts";
export { SourceText } from "./load/source-text.ts";
export { didYouMean } from "./load/suggest.ts";
export { SyntaxProblem, defaultLoadLimits, quote } from "./load/text-node.ts";
export type { LoadLimits, MapNode, ScalarNode, TextNode } from "./load/text-node.ts";
export { readYamlValue } from "./load/yaml-value.ts";
export { Problems } from "./problems.ts";
export type { Locator, Place, Problem } from "./problems.ts";
export { envoyTypes } from "./registry/envoy-types.ts";
export { EVENT_LOOP_DELAY_TYPE } from "./registry/nuncio-types.ts";
export type { EventLoopDelayConfig } from "./registry/nuncio-types.ts";
export { TypeRegistry, typeNameOfUrl } from "./registry/type-registry.ts";
export { toJson } from "./to-json.ts";
export type { ToJsonOptions } from "./to-json.ts";
export { validate } from "./validate/validate.ts";
