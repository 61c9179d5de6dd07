import assert from "node:assert/strict";
import { FieldClassifier } from "../../../packages/codec/src/http2/hpack/classifier.ts";
import { HpackDecoder, NEVER_INDEXED } from "../../../packages/codec/src/http2/hpack/decoder.ts";
import { HpackEncoder } from "../../../packages/codec/src/http2/hpack/encoder.ts";
import {
  encodeFields,
  type Field,
  FieldList,
} from "../../../packages/codec/src/http2/hpack/testing/field-list.ts";
import type { FuzzTarget } from "../target.ts";

const MAX_STRING_BYTES = 100;
const MAX_TABLE_BYTES = 4096;
/** Of the encoder: some entries, so that they are pushed out. */
const SMALL_TABLE_BYTES = 600;
/** An input is a row of blocks, each behind its length in one octet; the last one may be cut short. */
const BLOCK_BYTES_MAX = 0xff;

const CLASSIFIER = new FieldClassifier((name, value) => name.length * 1000 + value.length);
const TELL_NONE = { onField: () => false };

/** Header blocks of one connection, one after the other. */
export const hpackDecoder: FuzzTarget = {
  name: "hpack-decoder",
  covers: ["/codec/src/http2/hpack/"],
  runs: 8_000,
  seeds: seeds(),
  // Representations, long integers, size updates, Huffman strings with and without valid ends.
  dictionary: [
    "80",
    "be",
    "40",
    "10",
    "00",
    "20",
    "3fe11f",
    "ff80",
    "7f81",
    "ffffffff",
    "8cf1e3c2e5f23a6ba0ab90f4ff",
    "0161",
  ].map((hex) => Buffer.from(hex, "hex")),
  run: runBlocks,
};

function runBlocks(input: Buffer): void {
  const decoder = new HpackDecoder(CLASSIFIER, MAX_STRING_BYTES);
  const untold = new HpackDecoder(CLASSIFIER, MAX_STRING_BYTES);
  const encoder = new HpackEncoder(SMALL_TABLE_BYTES, "all");
  const again = new HpackDecoder(CLASSIFIER, MAX_STRING_BYTES);
  for (let at = 0; at < input.length;) {
    const end = Math.min(at + 1 + input[at]!, input.length);
    const list = new FieldList();
    const error = decoder.decode(input, at + 1, end, list);
    assert.equal(
      untold.decode(input, at + 1, end, TELL_NONE),
      error,
      "verdict when nothing is told",
    );
    assert.equal(
      untold.tableSizeBytes,
      decoder.tableSizeBytes,
      "tables apart when nothing is told",
    );
    assert.ok(decoder.tableSizeBytes <= MAX_TABLE_BYTES, "table above its limit");
    assertFields(list);
    if (error !== null) return;
    assertEncodable(encoder, again, list.fields);
    at = end;
  }
}

function assertFields({ fields, facts }: FieldList): void {
  for (const [i, [name, value]] of fields.entries()) {
    assert.ok(Math.max(name.length, value.length) <= MAX_STRING_BYTES, "string above its limit");
    const known = facts[i]! & ~NEVER_INDEXED;
    assert.equal(known, CLASSIFIER.classify(name, value), "facts of another field");
  }
}

/** What was decoded can be encoded, and says the same. */
function assertEncodable(
  encoder: HpackEncoder,
  decoder: HpackDecoder,
  fields: readonly Field[],
): void {
  const block = encodeFields(encoder, fields);
  const list = new FieldList();
  assert.equal(decoder.decode(block, 0, block.length, list), null, "our own block is refused");
  assert.deepEqual(list.fields, fields, "our own block says something else");
  assert.equal(decoder.tableSizeBytes, encoder.tableSizeBytes, "tables apart");
}

function seeds(): Buffer[] {
  const request: Field[] = [
    [":method", "GET"],
    [":path", "/a/b?c=d"],
    [":authority", "www.example.com"],
    ["cookie", "a=b"],
    ["x-own", "v".repeat(MAX_STRING_BYTES)],
  ];
  // More than the small table holds, in blocks that are as long as they may be.
  const many = Array.from({ length: 40 }, (_, i): Field => [`x-${i % 7}`, `value ${i}`]);
  const parts = [0, 10, 20, 30].map((start) => many.slice(start, start + 10));
  return (["table", "all"] as const).flatMap((huffman) => [
    blocks(new HpackEncoder(MAX_TABLE_BYTES, huffman), [request, request, request.slice(2)]),
    blocks(new HpackEncoder(SMALL_TABLE_BYTES, huffman), [...parts, ...parts, ...parts]),
  ]);
}

function blocks(encoder: HpackEncoder, lists: readonly (readonly Field[])[]): Buffer {
  return Buffer.concat(
    lists.flatMap((fields) => {
      const block = encodeFields(encoder, fields).subarray(0, BLOCK_BYTES_MAX);
      return [Buffer.of(block.length), block];
    }),
  );
}
