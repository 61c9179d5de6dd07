import { toByteString } from "../../observe/format/byte-string.ts";
import type { FormatClock } from "../../observe/format/command.ts";
import { lookUp } from "../../observe/format/commands/metadata.ts";
import { buildFormatter, type Formatter } from "../../observe/format/formatter.ts";
import { jsonValue } from "../../observe/format/json-text.ts";
import type { FormatContext, Metadata } from "../../observe/stream-info.ts";
import type { CustomTagConfig } from "./model.ts";

/** A tag on a worker. */
export interface CustomTag {
  readonly config: CustomTagConfig;
  /** Null but for a format. */
  readonly formatter: Formatter | null;
}

/** Worker side of tags. */
export function buildCustomTags(
  configs: readonly CustomTagConfig[],
  clock: FormatClock,
): CustomTag[] {
  return configs.map((config) => ({
    config,
    formatter: config.kind === "format" ? buildFormatter(config.value, clock) : null,
  }));
}

/** The value of a tag for a stream, a byte string; empty when it has none. */
export function tagValue({ config, formatter }: CustomTag, context: FormatContext): string {
  switch (config.kind) {
    case "text":
      return config.text;
    case "header":
      return context.requestHeaders?.get(config.name) ?? config.fallback;
    case "metadata":
      return textOf(lookUp(sourceOf(config.of, context), config.path)) ?? config.fallback;
    case "format":
      return formatter!.text(context);
  }
}

type Source = Extract<CustomTagConfig, { kind: "metadata" }>["of"];

function sourceOf(of: Source, { streamInfo }: FormatContext): Metadata | null | undefined {
  switch (of) {
    case "request":
      return streamInfo.dynamicMetadata;
    case "route":
      return streamInfo.routeMetadata;
    case "cluster":
      return streamInfo.upstream.clusterMetadata;
    case "host":
      return streamInfo.upstream.hostMetadata;
  }
}

/** Null for no value; what is no text is JSON. */
function textOf(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  return typeof value === "string" ? toByteString(value) : jsonValue(value);
}
