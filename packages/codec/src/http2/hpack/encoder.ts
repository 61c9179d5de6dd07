import { DEFAULT_TABLE_SIZE_BYTES } from "./decoder.ts";
import { EncoderTable, type TableEntry } from "./encoder-table.ts";
import { encodeHuffman } from "./huffman-encoder.ts";
import { integerText } from "./integer-text.ts";
import { Indexing, KNOWN_NAMES, type KnownName } from "./known-names.ts";
import { SeenBefore } from "./seen-before.ts";
import { STATIC_NAMES, STATIC_VALUES } from "./static-table.ts";

/**
 * Which strings are written in the Huffman code: those that go into the table, which are written once, or all, or none. A
 * string that is not shorter for it is written as it is.
 */
export type HuffmanUse = "table" | "all" | "none";

/** One entry may not take more than this part of the table. */
const LARGEST_ENTRY_PART = 4;

/** References to either table, by index, as far as they are one octet. */
const INDEXED: readonly string[] = Array.from({ length: 0x7f }, (_, index) =>
  String.fromCharCode(0x80 | index),
);
/** References to statuses of the static table. */
const STATUS_FIELDS: readonly (string | undefined)[] = statusFields();

/**
 * The writing side of HPACK (RFC 7541). One per connection; blocks must be sent in the order in which they were made.
 *
 *     let block = encoder.begin();
 *     block = encoder.addStatus(block, 200);
 *     block = encoder.add(block, "server", "envoy");
 *
 * A block is Latin-1 text: every char code is a byte.
 */
export class HpackEncoder {
  readonly #table: EncoderTable;
  readonly #maxTableSizeBytes: number;
  readonly #huffman: HuffmanUse;
  readonly #seen = new SeenBefore();
  /** Sizes that the next block tells: the smallest one since the last block, and the present one. -1: none is due. */
  #dueSmallestBytes = -1;

  /** `maxTableSizeBytes`: the most that the table may take, whatever the peer allows. */
  constructor(maxTableSizeBytes = DEFAULT_TABLE_SIZE_BYTES, huffman: HuffmanUse = "table") {
    this.#maxTableSizeBytes = maxTableSizeBytes;
    this.#huffman = huffman;
    this.#table = new EncoderTable(DEFAULT_TABLE_SIZE_BYTES);
    this.setPeerMaxTableSize(DEFAULT_TABLE_SIZE_BYTES);
  }

  /** Bytes of the dynamic table as RFC 7541 4.1 counts them. */
  get tableSizeBytes(): number {
    return this.#table.sizeBytes;
  }

  /** The peer's SETTINGS_HEADER_TABLE_SIZE. The next block tells what becomes of the table. */
  setPeerMaxTableSize(bytes: number): void {
    const size = Math.min(bytes, this.#maxTableSizeBytes);
    if (size === this.#table.limitBytes) return;
    if (this.#dueSmallestBytes < 0 || size < this.#dueSmallestBytes) this.#dueSmallestBytes = size;
    this.#table.resize(size);
  }

  /** The beginning of a block: empty, or the table size updates that are due (RFC 7541 4.2). */
  begin(): string {
    const smallest = this.#dueSmallestBytes;
    if (smallest < 0) return "";
    this.#dueSmallestBytes = -1;
    const present = this.#table.limitBytes;
    const update = integerText(0x20, 0x1f, present);
    return smallest < present ? integerText(0x20, 0x1f, smallest) + update : update;
  }

  /** `block` and a field; the name is lower case, name and value are Latin-1. */
  add(block: string, name: string, value: string): string {
    const known = KNOWN_NAMES.get(name);
    if (known !== undefined) {
      const { staticValues } = known;
      for (let i = 0; i < staticValues.length; i++) {
        if (staticValues[i] === value) return block + INDEXED[known.staticIndex + i]!;
      }
      if (known.indexing !== Indexing.Adaptive) return block + known.literal + this.#string(value);
    }
    const entries = this.#table.find(name);
    if (entries !== undefined) {
      for (let i = entries.length - 1; i >= 0; i--) {
        const entry = entries[i]!;
        if (entry.value !== value) continue;
        const index = this.#table.indexOf(entry);
        return block + (index < 0x7f ? INDEXED[index]! : integerText(0x80, 0x7f, index));
      }
    }
    return block + this.#literal(name, value, known, entries);
  }

  /** The same for a field that is to be in no table, not even behind the peer (RFC 7541 6.2.3). */
  addNeverIndexed(block: string, name: string, value: string): string {
    const staticIndex = KNOWN_NAMES.get(name)?.staticIndex ?? 0;
    const text = block + integerText(0x10, 0x0f, staticIndex);
    return (staticIndex === 0 ? text + this.#string(name) : text) + this.#string(value);
  }

  /** `block` and `:status`. */
  addStatus(block: string, status: number): string {
    const field = STATUS_FIELDS[status];
    return field === undefined ? this.add(block, ":status", String(status)) : block + field;
  }

  /** A field that neither table has. */
  #literal(
    name: string,
    value: string,
    known: KnownName | undefined,
    entries: readonly TableEntry[] | undefined,
  ): string {
    const isAdded = this.#isWorthAdding(name, value);
    if (!isAdded && known !== undefined) return known.literal + this.#string(value);
    let text = "";
    if (known !== undefined) {
      text = known.literalWithIndexing;
    } else {
      const index = entries === undefined ? 0 : this.#table.indexOf(entries.at(-1)!);
      text = isAdded ? integerText(0x40, 0x3f, index) : integerText(0, 0x0f, index);
      if (index === 0) text += isAdded ? this.#tableString(name) : this.#string(name);
    }
    if (!isAdded) return text + this.#string(value);
    // The texts may be slices of a head that must not outlive its message.
    this.#table.add(known === undefined ? ownCopy(name) : name, ownCopy(value));
    return text + this.#tableString(value);
  }

  /** What fits goes into the table. What pushes others out must have been seen before. */
  #isWorthAdding(name: string, value: string): boolean {
    const table = this.#table;
    const bytes = EncoderTable.entryBytes(name, value);
    if (bytes * LARGEST_ENTRY_PART > table.limitBytes) return false;
    return table.sizeBytes + bytes <= table.limitBytes || this.#seen.see(name, value);
  }

  /** A string literal (RFC 7541 5.2) that is not kept. */
  #string(text: string): string {
    return this.#huffman === "all" ? shorterString(text) : plainString(text);
  }

  /** One that goes into the table. */
  #tableString(text: string): string {
    return this.#huffman === "none" ? plainString(text) : shorterString(text);
  }
}

function plainString(text: string): string {
  return integerText(0, 0x7f, text.length) + text;
}

/** A string literal in the shorter form. */
function shorterString(text: string): string {
  const coded = encodeHuffman(text);
  return coded === null ? plainString(text) : integerText(0x80, 0x7f, coded.length) + coded;
}

function ownCopy(text: string): string {
  return Buffer.from(text, "latin1").latin1Slice(0, text.length);
}

function statusFields(): (string | undefined)[] {
  const fields: (string | undefined)[] = Array.from({ length: 600 });
  for (const [index, name] of STATIC_NAMES.entries()) {
    if (name === ":status") fields[Number(STATIC_VALUES[index])] = INDEXED[index]!;
  }
  return fields;
}
