import {
  buildStringMatcher,
  type StringMatcherConfig,
} from "../../http/route/matchers/string-matcher.ts";
import { buildValueMatcher } from "../../observe/value-matcher/value-matcher.ts";
import type { InputMatcherWorkerSide } from "../extension.ts";
import type { MetadataMatcherConfig } from "./metadata-config.ts";

/** `Metadata`, worker side: the value of metadata, which may be missing. */
export const metadataMatcherWorkerSide: InputMatcherWorkerSide<MetadataMatcherConfig> = {
  configType: "envoy.extensions.matching.input_matchers.metadata.v3.Metadata",
  build: ({ value: config, invert }) => {
    if (config === null) return () => invert;
    const matches = buildValueMatcher(config, (string) =>
      buildStringMatcher(string as StringMatcherConfig),
    );
    return (input) => {
      // Text, or none: that is no metadata.
      if (input === null || typeof input !== "object") return false;
      return matches((input as { readonly value: unknown }).value) !== invert;
    };
  },
};
