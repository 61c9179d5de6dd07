import type { DescField, Message } from "@bufbuild/protobuf";
import type { Locator, Place } from "../problems.ts";
import type { TypeRegistry } from "../registry/type-registry.ts";
import type { SourceText } from "./source-text.ts";
import type { TextNode } from "./text-node.ts";

/** Where a message came from: its step below its parent, and its node where there is a text. */
export interface Origin {
  readonly parent: Origin | null;
  /** Proto name of the parent's field; empty for the root. */
  readonly field: string;
  /** Element of a repeated field or key of a map. */
  readonly index: number | string | undefined;
  readonly text: SourceText | null;
  readonly node: TextNode | null;
}

/** The side table of a load: the origin of every message, kept only as long as the message or this table lives. */
export class Origins implements Locator {
  readonly #types: TypeRegistry;
  readonly #origins = new WeakMap<Message, Origin>();
  readonly #overlays = new WeakMap<Message, Origin[]>();
  readonly #broken = new WeakSet<Message>();

  constructor(types: TypeRegistry) {
    this.#types = types;
  }

  set(message: Message, origin: Origin): void {
    this.#origins.set(message, origin);
  }

  get(message: Message): Origin | undefined {
    return this.#origins.get(message);
  }

  /** Remembers that `source` was merged into `target`, so that fields set there are looked for there first. */
  overlay(target: Message, source: Message): void {
    const origin = this.#origins.get(source);
    if (origin === undefined) return;
    const overlays = this.#overlays.get(target) ?? [];
    overlays.unshift(...(this.#overlays.get(source) ?? []), origin);
    this.#overlays.set(target, overlays);
    if (this.#broken.has(source)) this.#broken.add(target);
  }

  /** Marks a message that could not be read whole: what is missing in it has been reported already. */
  markBroken(message: Message): void {
    this.#broken.add(message);
  }

  isBroken(message: Message): boolean {
    return this.#broken.has(message);
  }

  locate(
    message: Message,
    field?: string,
    index?: number | string,
  ): { place: Place | null; path: string } {
    const origin = this.#origins.get(message);
    if (origin === undefined)
      return { place: null, path: field === undefined ? "" : pathStep("", field, index) };
    if (field === undefined) return { place: placeOf(origin, origin.node), path: pathOf(origin) };
    const desc = this.#types
      .getMessage(message.$typeName)
      ?.fields.find((candidate) => candidate.name === field);
    for (const candidate of [...(this.#overlays.get(message) ?? []), origin]) {
      const node = desc === undefined ? undefined : nodeOfField(candidate.node, desc, index);
      if (node !== undefined) {
        return { place: placeOf(candidate, node), path: pathStep(pathOf(candidate), field, index) };
      }
    }
    return { place: placeOf(origin, origin.node), path: pathStep(pathOf(origin), field, index) };
  }
}

/** `static_resources.listeners[0]`; empty for the root. */
export function pathOf(origin: Origin): string {
  return origin.parent === null
    ? origin.field
    : pathStep(pathOf(origin.parent), origin.field, origin.index);
}

/** A path with one more step: `.field`, `.field[3]` or `.field["key"]`. */
export function pathStep(path: string, field: string, index?: number | string): string {
  const named = path === "" ? field : `${path}.${field}`;
  if (index === undefined) return named;
  return typeof index === "number" ? `${named}[${index}]` : `${named}[${JSON.stringify(index)}]`;
}

function placeOf(origin: Origin, node: TextNode | null): Place | null {
  return origin.text === null || node === null ? null : origin.text.placeOf(node.at);
}

function nodeOfField(
  node: TextNode | null,
  field: DescField,
  index: number | string | undefined,
): TextNode | undefined {
  const value =
    node?.kind === "map"
      ? node.entries.findLast((entry) => isKeyOf(entry.key, field))?.value
      : undefined;
  if (value === undefined || index === undefined) return value;
  if (typeof index === "number")
    return value.kind === "list" ? (value.items[index] ?? value) : value;
  if (value.kind !== "map") return value;
  return value.entries.findLast((entry) => entry.key === index)?.value ?? value;
}

function isKeyOf(key: string, field: DescField): boolean {
  return key === field.name || key === field.jsonName;
}
