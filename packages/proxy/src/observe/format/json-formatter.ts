import type { FormatContext } from "../stream-info.ts";
import type { Command, CommandBuilder } from "./command.ts";
import { escapeJson } from "./json-text.ts";
import type { FormatPart, JsonNode, JsonPlan } from "./plan.ts";

/** Gives one value as JSON text; `null` when there is none. */
interface JsonSource {
  json(context: FormatContext): string;
}

/** A JSON line whose shape never changes: flattened to constant text with values between. */
export class JsonFormatter {
  /** The text before the first value, and after each. */
  readonly #literals: string[] = [""];
  readonly #values: JsonSource[] = [];

  constructor(plan: JsonPlan, build: CommandBuilder) {
    this.#flatten(plan.root, build);
    this.#append("\n");
  }

  text(context: FormatContext): string {
    const literals = this.#literals;
    const values = this.#values;
    let text = literals[0]!;
    for (let i = 0; i < values.length; i++) text += values[i]!.json(context) + literals[i + 1]!;
    return text;
  }

  #flatten(node: JsonNode, build: CommandBuilder): void {
    switch (node.kind) {
      case "constant":
        this.#append(node.json);
        break;
      case "command":
        this.#value(build(node.command));
        break;
      case "text":
        this.#value(new JsonText(node.parts, "-", build));
        break;
      case "list":
        this.#append("[");
        for (const [index, item] of node.items.entries()) {
          if (index > 0) this.#append(",");
          this.#flatten(item, build);
        }
        this.#append("]");
        break;
      case "object":
        this.#append("{");
        for (const [index, field] of node.fields.entries()) {
          this.#append(`${index > 0 ? "," : ""}${field.key}:`);
          this.#flatten(field.value, build);
        }
        this.#append("}");
        break;
    }
  }

  #append(text: string): void {
    this.#literals[this.#literals.length - 1] += text;
  }

  #value(source: JsonSource): void {
    this.#values.push(source);
    this.#literals.push("");
  }
}

/** A JSON line with `omit_empty_values`: fields and elements that are null, and empty objects, are left out. */
export class OmittingJsonFormatter {
  readonly #root: JsonSource;

  constructor(plan: JsonPlan, build: CommandBuilder) {
    this.#root = omittingSource(plan.root, build);
  }

  text(context: FormatContext): string {
    return this.#root.json(context) + "\n";
  }
}

function omittingSource(node: JsonNode, build: CommandBuilder): JsonSource {
  switch (node.kind) {
    case "constant":
      return { json: () => node.json };
    case "command":
      return build(node.command);
    case "text":
      return new JsonText(node.parts, "", build);
    case "list":
      return new OmittingComposite(
        "[",
        node.items.map((item) => ["", omittingSource(item, build)]),
        "]",
      );
    case "object":
      return new OmittingComposite(
        "{",
        node.fields.map((field) => [`${field.key}:`, omittingSource(field.value, build)]),
        "}",
      );
  }
}

class OmittingComposite implements JsonSource {
  readonly #open: string;
  readonly #members: readonly (readonly [prefix: string, value: JsonSource])[];
  readonly #close: string;

  constructor(open: string, members: readonly (readonly [string, JsonSource])[], close: string) {
    this.#open = open;
    this.#members = members;
    this.#close = close;
  }

  json(context: FormatContext): string {
    let text = this.#open;
    for (const [prefix, value] of this.#members) {
      const json = value.json(context);
      if (json === "null" || json === "{}") continue;
      text += text === this.#open ? prefix + json : "," + prefix + json;
    }
    return text + this.#close;
  }
}

/** Text with commands in it: always a string. */
class JsonText implements JsonSource {
  readonly #parts: readonly (string | Command)[];
  readonly #absent: string;

  constructor(parts: readonly FormatPart[], absent: string, build: CommandBuilder) {
    this.#parts = parts.map((part) => (typeof part === "string" ? escapeJson(part) : build(part)));
    this.#absent = absent;
  }

  json(context: FormatContext): string {
    let text = '"';
    for (const part of this.#parts) {
      text += typeof part === "string" ? part : escapeJson(part.text(context) ?? this.#absent);
    }
    return text + '"';
  }
}
