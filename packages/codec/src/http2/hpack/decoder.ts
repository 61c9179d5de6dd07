import type { FieldClassifier } from "./classifier.ts";
import { DecoderTable } from "./decoder-table.ts";
import { type HpackError, HpackErrors } from "./errors.ts";
import { STATIC_ENTRIES, STATIC_NAMES, STATIC_VALUES } from "./static-table.ts";
import { StringReader } from "./string-reader.ts";

/** Who is told of the fields of a header block. */
export interface HpackSink {
  /**
   * A field in the order of the block; name and value are Latin-1 text as it came. `facts` is the classifier's answer, or
   * that and `NEVER_INDEXED`.
   * False: this block's further fields are not told. They are decoded all the same, for the table must stay in step.
   */
  onField(name: string, value: string, facts: number): boolean;
}

/** RFC 9113 6.5.2: the table of each direction, as long as no setting says another size. */
export const DEFAULT_TABLE_SIZE_BYTES = 4096;

/** In the facts of a field: it came as "never indexed", and must be sent on so (RFC 7541 6.2.3). */
export const NEVER_INDEXED = 0x40000000;

const INDEXED = 0x80;
const WITH_INDEXING = 0x40;
const SIZE_UPDATE = 0x20;

/**
 * The reading side of HPACK (RFC 7541). One per connection; every header block of it must pass through, in order and
 * whole.
 */
export class HpackDecoder {
  readonly #classifier: FieldClassifier;
  readonly #reader: StringReader;
  readonly #table = new DecoderTable(DEFAULT_TABLE_SIZE_BYTES);
  /** Our setting. */
  #maxTableBytes = DEFAULT_TABLE_SIZE_BYTES;
  /** The smallest setting that the peer has not answered with a size update; -1 when none is due. */
  #dueUpdateBytes = -1;

  /** A name or value of more than `maxStringBytes`, decoded, is an error. */
  constructor(classifier: FieldClassifier, maxStringBytes = 65_536) {
    this.#classifier = classifier;
    this.#reader = new StringReader(maxStringBytes);
  }

  /**
   * Our SETTINGS_HEADER_TABLE_SIZE, from the moment that the peer acknowledged it; 4096 before. When it is below what the
   * peer uses, the next block must say so first (RFC 7541 4.2).
   */
  setMaxTableSize(bytes: number): void {
    this.#maxTableBytes = bytes;
    const due = this.#dueUpdateBytes;
    if (due < 0 ? bytes < this.#table.limitBytes : bytes < due) this.#dueUpdateBytes = bytes;
  }

  /** Bytes of the dynamic table as RFC 7541 4.1 counts them. */
  get tableSizeBytes(): number {
    return this.#table.sizeBytes;
  }

  /** Decodes the block in `buffer` from `start` to `end`. After an error the connection cannot go on. */
  decode(buffer: Buffer, start: number, end: number, sink: HpackSink): HpackError | null {
    const reader = this.#reader;
    const table = this.#table;
    const { staticFacts } = this.#classifier;
    reader.begin(buffer, start, end);
    const error = this.#updateSize();
    if (error !== null) return error;
    let telling = true;
    while (reader.at < end) {
      const byte = buffer[reader.at]!;
      if (byte < INDEXED) {
        if ((byte & 0xe0) === SIZE_UPDATE) return HpackErrors.SizeUpdateMisplaced;
        telling = this.#literal(byte, sink, telling);
        if (reader.error !== null) return reader.error;
        continue;
      }
      const index = reader.integer(0x7f);
      if (index <= STATIC_ENTRIES) {
        if (index <= 0) return reader.error ?? HpackErrors.InvalidIndex;
        if (telling) {
          telling = sink.onField(STATIC_NAMES[index]!, STATIC_VALUES[index]!, staticFacts[index]!);
        }
        continue;
      }
      if (index - STATIC_ENTRIES > table.count) return HpackErrors.InvalidIndex;
      if (telling) {
        const place = table.place(index - STATIC_ENTRIES - 1);
        telling = sink.onField(table.names[place]!, table.values[place]!, table.facts[place]!);
      }
    }
    return null;
  }

  /** The size updates at the beginning of a block (RFC 7541 4.2 and 6.3). */
  #updateSize(): HpackError | null {
    const reader = this.#reader;
    while (reader.at < reader.end && (reader.buffer[reader.at]! & 0xe0) === SIZE_UPDATE) {
      const bytes = reader.integer(0x1f);
      if (bytes < 0) return reader.error;
      if (bytes > this.#maxTableBytes) return HpackErrors.SizeUpdateTooLarge;
      if (this.#dueUpdateBytes >= 0) {
        if (bytes > this.#dueUpdateBytes) return HpackErrors.SizeUpdateMissing;
        this.#dueUpdateBytes = -1;
      }
      this.#table.resize(bytes);
    }
    return this.#dueUpdateBytes < 0 ? null : HpackErrors.SizeUpdateMissing;
  }

  /** A field that is spelt out. Returns whether to tell of more; the reader has the error if there was one. */
  #literal(byte: number, sink: HpackSink, telling: boolean): boolean {
    const reader = this.#reader;
    const table = this.#table;
    const isIndexed = byte >= WITH_INDEXING;
    const index = reader.integer(isIndexed ? 0x3f : 0x0f);
    let name = "";
    if (index === 0) {
      name = reader.name();
    } else if (index <= STATIC_ENTRIES) {
      if (index > 0) name = STATIC_NAMES[index]!;
    } else if (index - STATIC_ENTRIES <= table.count) {
      name = table.names[table.place(index - STATIC_ENTRIES - 1)]!;
    } else {
      reader.error = HpackErrors.InvalidIndex;
    }
    if (reader.error !== null) return false;
    const value = reader.value();
    if (reader.error !== null || (!telling && !isIndexed)) return false;
    const facts = this.#classifier.classify(name, value);
    if (isIndexed) table.add(name, value, facts);
    if (!telling) return false;
    return sink.onField(name, value, (byte & 0xf0) === 0x10 ? facts | NEVER_INDEXED : facts);
  }
}
