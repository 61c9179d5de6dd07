import { celMap } from "@bufbuild/cel";
import type { CelInput, CelMap } from "@bufbuild/cel";
import type { FormatContext } from "../observe/stream-info.ts";

/** The stream that is being evaluated; one per expression, so that attributes need not be made per stream. */
export interface CurrentStream {
  /** Null between evaluations: nothing of a stream survives it. */
  context: FormatContext | null;
}

/** One attribute; undefined when the stream has none, which CEL treats as a missing key. */
export type Attribute = (context: FormatContext) => CelInput | undefined;

export type AttributeTable = { readonly [name: string]: Attribute };

/** `request`, `connection` …: only what is read is looked up. As in Envoy it cannot be listed and has size 0. */
export function attributeMap(table: AttributeTable, current: CurrentStream): CelMap {
  return opaque((name) => attributeOf(table, name)?.(current.context!));
}

/** As `attributeMap`, for names that are not known before: filter state. */
export function lookupMap(
  read: (context: FormatContext, name: string) => CelInput | undefined,
  current: CurrentStream,
): CelMap {
  return opaque((name) => read(current.context!, name));
}

/** Whether a map cannot be listed, and so has no JSON. */
export function isOpaque(map: CelMap): boolean {
  return opaqueMaps.has(map);
}

const opaqueMaps = new WeakSet<CelMap>();

function opaque(read: (name: string) => CelInput | undefined): CelMap {
  const map = celMap(new Attributes(read));
  opaqueMaps.add(map);
  return map;
}

function attributeOf(table: AttributeTable, name: string): Attribute | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

class Attributes extends Map<string, CelInput> {
  readonly #read: (name: string) => CelInput | undefined;

  constructor(read: (name: string) => CelInput | undefined) {
    super();
    this.#read = read;
  }

  override get(name: unknown): CelInput | undefined {
    return typeof name === "string" ? this.#read(name) : undefined;
  }
}
