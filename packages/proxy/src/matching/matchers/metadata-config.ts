import type { Metadata } from "@nuncio/api/types/envoy/extensions/matching/input_matchers/metadata/v3/metadata_pb";
import { compileStringMatcher } from "../../http/route/matchers/string-matcher.ts";
import { compileValueMatcher } from "../../observe/value-matcher/compile.ts";
import type { ValueMatcherConfig } from "../../observe/value-matcher/value-matcher.ts";
import type { InputMatcherConfigSide } from "../extension.ts";

const TYPE = "envoy.extensions.matching.input_matchers.metadata.v3.Metadata";

/** `Metadata` as plain data. */
export interface MetadataMatcherConfig {
  readonly value: ValueMatcherConfig | null;
  readonly invert: boolean;
}

/** `Metadata`, main side. Envoy takes it behind any input; behind one of text it never matches. */
export const metadataMatcherConfigSide: InputMatcherConfigSide<Metadata, MetadataMatcherConfig> = {
  configType: TYPE,
  takes: ["string", "metadata"],
  implemented: {
    [TYPE]: "all",
    "envoy.type.matcher.v3.ValueMatcher": "all",
    "envoy.type.matcher.v3.ValueMatcher.NullMatch": "all",
    "envoy.type.matcher.v3.DoubleMatcher": "all",
    "envoy.type.v3.DoubleRange": "all",
    "envoy.type.matcher.v3.ListMatcher": "all",
    "envoy.type.matcher.v3.OrMatcher": "all",
  },
  compile: ({ value, invert }, ctx) => ({
    value:
      value === undefined
        ? null
        : compileValueMatcher(value, (message) => compileStringMatcher(message, ctx)),
    invert,
  }),
};
