import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { HpackEncoder } from "./encoder.ts";
import { decodeBytes, encodeFields, FieldList, plainDecoder } from "./testing/field-list.ts";

const latin1 = (maxLength: number): fc.Arbitrary<string> =>
  fc.uint8Array({ maxLength }).map((bytes) => Buffer.from(bytes).toString("latin1"));

/** Few of each, so that they repeat. */
const name = fc.oneof(
  fc.constantFrom(
    ":path",
    ":authority",
    ":method",
    "accept",
    "cookie",
    "content-length",
    "x-a",
    "x-b",
    "vary",
  ),
  fc.stringMatching(/^x-[a-z]{1,2}$/),
  latin1(12),
);
const value = fc.oneof(
  fc.constantFrom("", "/", "GET", "gzip, deflate", "a", "b", "a value"),
  fc.stringMatching(/^[ -~]{0,60}$/),
  latin1(80),
  fc.nat(1200).map((length) => "v".repeat(length)),
);
const block = fc.array(fc.tuple(name, value), { maxLength: 20 });
const tableSize = fc.constantFrom(0, 1, 33, 64, 100, 256, 1000, 4096, 4097, 16_384);

const step = fc.record({ sizes: fc.array(tableSize, { maxLength: 2 }), block });

describe("what is encoded is decoded again, and the tables stay in step", () => {
  for (const huffman of ["table", "all"] as const) {
    it(`Huffman code: ${huffman}`, () => {
      fc.assert(
        fc.property(tableSize, fc.array(step, { maxLength: 12 }), (ownSize, steps) => {
          const encoder = new HpackEncoder(ownSize, huffman);
          const decoder = plainDecoder();
          for (const { sizes, block: fields } of steps) {
            for (const size of sizes) {
              encoder.setPeerMaxTableSize(size);
              decoder.setMaxTableSize(size);
            }
            for (let again = 0; again < 3; again++) {
              assert.deepEqual(decodeBytes(decoder, encodeFields(encoder, fields)), fields);
              assert.equal(decoder.tableSizeBytes, encoder.tableSizeBytes);
            }
          }
        }),
        { numRuns: 300 },
      );
    });
  }
});

describe("the decoder takes anything", () => {
  it("bytes by chance", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 5 }), (blocks) => {
        const decoder = plainDecoder(64);
        for (const bytes of blocks) {
          decodeBytes(decoder, bytes);
          assert.ok(decoder.tableSizeBytes <= 4096);
        }
      }),
      { numRuns: 5000 },
    );
  });

  it("blocks with a few octets changed; what it tells is bounded", () => {
    const change = fc.tuple(fc.nat(400), fc.nat(255));
    fc.assert(
      fc.property(block, fc.array(change, { maxLength: 4 }), (fields, changes) => {
        const bytes = encodeFields(new HpackEncoder(4096, "all"), fields);
        for (const [at, octet] of changes) if (at < bytes.length) bytes[at] = octet;
        const decoder = plainDecoder(500);
        const list = new FieldList();
        decoder.decode(bytes, 0, bytes.length, list);
        assert.ok(decoder.tableSizeBytes <= 4096);
        for (const [, text] of list.fields) assert.ok(text.length <= 500);
      }),
      { numRuns: 3000 },
    );
  });
});
