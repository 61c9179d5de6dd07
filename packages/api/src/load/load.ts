import { create, fromBinary } from "@bufbuild/protobuf";
import type { DescMessage, Message } from "@bufbuild/protobuf";
import { Problems } from "../problems.ts";
import { envoyTypes } from "../registry/envoy-types.ts";
import type { TypeRegistry } from "../registry/type-registry.ts";
import { adopt } from "./adopt.ts";
import { Decoder } from "./decoder.ts";
import { parseJson } from "./json-parser.ts";
import { mergeMessage } from "./merge.ts";
import type { Origin } from "./origins.ts";
import { Origins } from "./origins.ts";
import { SourceText } from "./source-text.ts";
import { parseTextFormat } from "./text-format-parser.ts";
import type { LoadLimits, TextNode } from "./text-node.ts";
import { SyntaxProblem, defaultLoadLimits } from "./text-node.ts";
import { parseYaml } from "./yaml/parser.ts";

/** How the bytes of a source are written. */
export type Format = "yaml" | "json" | "text" | "binary";

/** One configuration; later sources are merged over earlier ones. */
export interface Source {
  /** What errors show: the file's name, or `--config-yaml`. */
  readonly name: string;
  readonly content: string | Uint8Array;
  /** By default what the name's extension says. */
  readonly format?: Format;
}

/** What came out of loading. The message is best effort when there are errors, and then not for use. */
export interface Loaded<Shape extends Message = Message> {
  readonly message: Shape;
  readonly problems: Problems;
  /** Also tells where each message came from, and which were not read whole. */
  readonly origins: Origins;
}

/** The format that Envoy takes from a file's name: `.yaml`, `.yml`, `.pb_text`, `.pb`, and JSON for all others. */
export function formatOfName(name: string): Format {
  const lower = name.toLowerCase();
  if (lower.endsWith(".yaml") || lower.endsWith(".yml")) return "yaml";
  if (lower.endsWith(".pb_text")) return "text";
  return lower.endsWith(".pb") ? "binary" : "json";
}

/**
 * Reads one message out of one or more sources, and reports all that is wrong with them at once. Never throws because of
 * its input.
 * @param typeName full name of the message, such as `envoy.config.bootstrap.v3.Bootstrap`
 * @throws when there is no such type
 */
export function load<Shape extends Message = Message>(
  typeName: string,
  sources: readonly Source[],
  limits: LoadLimits = defaultLoadLimits,
): Loaded<Shape> {
  const types = envoyTypes();
  const desc = types.getMessage(typeName);
  if (desc === undefined) throw new Error(`no type named ${typeName}`);
  const origins = new Origins(types);
  const problems = new Problems(origins);
  const loading: Loading = { desc, types, origins, problems, limits };
  let message: Message | undefined;
  for (const source of sources) {
    const next = loadSource(source, loading);
    if (message === undefined) message = next;
    else mergeMessage(message, next, types, origins);
  }
  return { message: (message ?? create(desc)) as Shape, problems, origins };
}

/** Takes in a message that came in binary form (xDS): gives it a locator, and reports what is unknown in it. */
export function loadMessage<Shape extends Message = Message>(
  message: Shape,
  limits: LoadLimits = defaultLoadLimits,
): Loaded<Shape> {
  const types = envoyTypes();
  const origins = new Origins(types);
  const problems = new Problems(origins);
  adopt(message, rootWithoutText, { types, origins, problems, limits });
  return { message, problems, origins };
}

interface Loading {
  readonly desc: DescMessage;
  readonly types: TypeRegistry;
  readonly origins: Origins;
  readonly problems: Problems;
  readonly limits: LoadLimits;
}

const rootWithoutText: Origin = {
  parent: null,
  field: "",
  index: undefined,
  text: null,
  node: null,
};

function loadSource(source: Source, loading: Loading): Message {
  const format = source.format ?? formatOfName(source.name);
  if (format === "binary") return loadBinary(source, loading);
  const text = new SourceText(source.name, asText(source.content));
  const { desc, problems, limits } = loading;
  try {
    const node = parse(text.text, format, limits);
    return new Decoder({ ...loading, text, dialect: format === "text" ? "text" : "json" }).root(
      desc,
      node,
    );
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error;
    problems.add({
      severity: "error",
      place: text.placeOf(error.at),
      path: "",
      message: error.message,
    });
    return create(desc);
  }
}

function parse(text: string, format: "yaml" | "json" | "text", limits: LoadLimits): TextNode {
  switch (format) {
    case "yaml":
      return parseYaml(text, limits);
    case "json":
      return parseJson(text, limits);
    case "text":
      return parseTextFormat(text, limits);
  }
}

function loadBinary(source: Source, { desc, types, origins, problems, limits }: Loading): Message {
  const bytes =
    typeof source.content === "string" ? new TextEncoder().encode(source.content) : source.content;
  let message: Message;
  try {
    message = fromBinary(desc, bytes);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const place = { file: source.name, line: 1, column: 1 };
    problems.add({
      severity: "error",
      place,
      path: "",
      message: `not a binary ${desc.typeName}: ${reason}`,
    });
    return create(desc);
  }
  adopt(message, rootWithoutText, { types, origins, problems, limits });
  return message;
}

/** Bytes are read as UTF-8; a byte order mark is dropped, and all line ends become single newlines. */
function asText(content: string | Uint8Array): string {
  const text =
    typeof content === "string"
      ? content.replace(/^\ufeff/, "")
      : new TextDecoder().decode(content);
  return text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text;
}
