import type { MetadataMatcher } from "@nuncio/api/types/envoy/type/matcher/v3/metadata_pb";
import type { CompileContext } from "../../../config/context.ts";
import { lookUp } from "../../../observe/format/commands/metadata.ts";
import type { StreamInfo } from "../../../observe/stream-info.ts";
import { compileValueMatcher } from "../../../observe/value-matcher/compile.ts";
import {
  buildValueMatcher,
  type ValueMatcherConfig,
} from "../../../observe/value-matcher/value-matcher.ts";
import { buildStringMatcher, compileStringMatcher } from "./string-matcher.ts";
import type { StringMatcherConfig } from "./string-matcher.ts";

/** `envoy.type.matcher.v3.MetadataMatcher` of dynamic metadata, as plain data. */
export interface MetadataMatcherConfig {
  /** The namespace, then the keys. */
  readonly path: readonly string[];
  readonly value: ValueMatcherConfig;
  readonly invert: boolean;
}

/** Null when it has no value to match, which validate.rules refuse. */
export function compileMetadataMatcher(
  message: MetadataMatcher,
  ctx: CompileContext,
): MetadataMatcherConfig | null {
  const value =
    message.value === undefined
      ? null
      : compileValueMatcher(message.value, (inner) => compileStringMatcher(inner, ctx));
  if (value === null) return null;
  const keys = message.path.map(({ segment }) => segment.value ?? "");
  return { path: [message.filter, ...keys], value, invert: message.invert };
}

/** The test of a stream's dynamic metadata. A value that is not there matches nothing, and so does when inverted. */
export function buildMetadataMatcher(config: MetadataMatcherConfig): (info: StreamInfo) => boolean {
  const { path, invert } = config;
  const matches = buildValueMatcher(config.value, (inner) =>
    buildStringMatcher(inner as StringMatcherConfig),
  );
  return ({ dynamicMetadata }) => matches(lookUp(dynamicMetadata, path)) !== invert;
}
