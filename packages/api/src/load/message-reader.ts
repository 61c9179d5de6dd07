import type { DescMessage, JsonValue, Message } from "@bufbuild/protobuf";
import type { Problems } from "../problems.ts";
import type { TypeRegistry } from "../registry/type-registry.ts";
import type { Origin, Origins } from "./origins.ts";
import type { SourceText } from "./source-text.ts";
import type { LoadLimits, MapNode, TextNode } from "./text-node.ts";

/** What a decoder works with and reports to. */
export interface DecoderContext {
  /** Null for nodes that never were a text. */
  readonly text: SourceText | null;
  /** Maps, Structs and strings are written differently in JSON (and YAML) and in protobuf's text format. */
  readonly dialect: "json" | "text";
  readonly types: TypeRegistry;
  readonly origins: Origins;
  readonly problems: Problems;
  readonly limits: LoadLimits;
}

/** What reading an Any asks of the decoder that it stands in. */
export interface MessageReader {
  readonly context: DecoderContext;
  /** Reads a message of any type; undefined when nothing could be read, and then a problem has been added. */
  message(desc: DescMessage, node: TextNode, origin: Origin): Message | undefined;
  /** Reads the entries of an object into a new message, except the one with the key `skip`. */
  fields(desc: DescMessage, node: MapNode, origin: Origin, skip: string | undefined): Message;
  /** Reads plain JSON, which has no places, as the message below `parent` that it stands for. */
  struct(desc: DescMessage, json: JsonValue, parent: Origin): Message | undefined;
  /** Adds a problem at an offset of the text. */
  report(at: number, path: string, message: string): undefined;
}
