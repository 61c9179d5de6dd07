import { FieldClassifier } from "../classifier.ts";
import { HpackDecoder, type HpackSink } from "../decoder.ts";
import type { HpackEncoder } from "../encoder.ts";
import type { HpackError } from "../errors.ts";

export type Field = readonly [name: string, value: string];

/** Keeps the fields of a block; stops when told to. */
export class FieldList implements HpackSink {
  readonly fields: Field[] = [];
  readonly facts: number[] = [];
  readonly #most: number;

  constructor(most = Infinity) {
    this.#most = most;
  }

  onField(name: string, value: string, facts: number): boolean {
    this.fields.push([name, value]);
    this.facts.push(facts);
    return this.fields.length < this.#most;
  }
}

/** A decoder whose fields have no facts. */
export function plainDecoder(maxStringBytes?: number): HpackDecoder {
  return new HpackDecoder(new FieldClassifier(() => 0), maxStringBytes);
}

/** Decodes a block written in hexadecimal digits, white space between them ignored. */
export function decodeHex(decoder: HpackDecoder, hex: string): Field[] | HpackError {
  return decodeBytes(decoder, Buffer.from(hex.replaceAll(/\s/g, ""), "hex"));
}

/** Decodes a block from within a larger buffer, as it comes off a connection. */
export function decodeBytes(decoder: HpackDecoder, block: Uint8Array): Field[] | HpackError {
  const around = Buffer.alloc(block.length + 8, 0xff);
  around.set(block, 3);
  const list = new FieldList();
  return decoder.decode(around, 3, 3 + block.length, list) ?? list.fields;
}

/** What an encoder makes of a field list. */
export function encodeFields(encoder: HpackEncoder, fields: readonly Field[]): Buffer {
  let block = encoder.begin();
  for (const [name, value] of fields) block = encoder.add(block, name, value);
  return Buffer.from(block, "latin1");
}
