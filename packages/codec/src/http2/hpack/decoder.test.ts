import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FieldClassifier } from "./classifier.ts";
import { HpackDecoder } from "./decoder.ts";
import { type HpackError, HpackErrors } from "./errors.ts";
import { decodeBytes, decodeHex, FieldList, plainDecoder } from "./testing/field-list.ts";

/** A literal without indexing of the new name "a" and a value. */
const literal = (value: Uint8Array, huffman = false): Buffer => {
  const { length } = value;
  const flag = huffman ? 0x80 : 0;
  const prefix =
    length < 127
      ? [flag | length]
      : [
          flag | 127,
          0x80 | ((length - 127) & 0x7f),
          0x80 | (((length - 127) >> 7) & 0x7f),
          (length - 127) >> 14,
        ];
  return Buffer.concat([Buffer.from([0x00, 0x01, 0x61, ...prefix]), value]);
};

describe("what is not HPACK", () => {
  const cases: readonly (readonly [what: string, hex: string, error: HpackError])[] = [
    ["index 0", "80", HpackErrors.InvalidIndex],
    [
      "an index behind the static table while the dynamic one is empty",
      "be",
      HpackErrors.InvalidIndex,
    ],
    ["an index behind the dynamic table", "4001610162 bf", HpackErrors.InvalidIndex],
    ["a large index", "ffff ff03", HpackErrors.InvalidIndex],
    ["a literal whose name is behind the tables", "7f00 0161", HpackErrors.InvalidIndex],
    ["an index that ends in its middle", "ff80", HpackErrors.Truncated],
    ["an index without its continuation", "ff", HpackErrors.Truncated],
    [
      "an index of six octets behind its first one",
      "ff80 8080 8080 00",
      HpackErrors.IntegerTooLarge,
    ],
    ["an index of more than 30 bits", "ffff ffff ffff", HpackErrors.IntegerTooLarge],
    ["a literal without a value", "0001 61", HpackErrors.Truncated],
    ["a literal without a name", "00", HpackErrors.Truncated],
    ["a value that is shorter than its length", "0001 6103 6162", HpackErrors.Truncated],
    ["a length that does not end", "0001 617f ff", HpackErrors.Truncated],
    ["a length of more than 30 bits", "0001 617f ffff ffff ff", HpackErrors.IntegerTooLarge],
    ["a size update behind a field", "82 20", HpackErrors.SizeUpdateMisplaced],
    ["a size update above the setting", "3fe2 1f", HpackErrors.SizeUpdateTooLarge],
    ["a size update that does not end", "3f", HpackErrors.Truncated],
    ["end of string in a string", "0001 6184 ffff ffff", HpackErrors.InvalidHuffman],
    ["an octet of padding", "0001 6182 1fff", HpackErrors.InvalidHuffman],
    ["padding of zeros", "0001 6181 18", HpackErrors.InvalidHuffman],
    ["padding that is the beginning of another symbol", "0001 6181 1e", HpackErrors.InvalidHuffman],
    ["a rare symbol that ends in its middle", "0001 6182 ffc0", HpackErrors.InvalidHuffman],
  ];
  for (const [what, hex, error] of cases) {
    it(what, () => assert.equal(decodeHex(plainDecoder(), hex), error));
  }
});

describe("the size of the table", () => {
  it("may be changed several times at the beginning of a block", () => {
    const decoder = plainDecoder();
    assert.deepEqual(decodeHex(decoder, "4001610162"), [["a", "b"]]);
    assert.equal(decoder.tableSizeBytes, 34);
    assert.deepEqual(decodeHex(decoder, "20 3fe1 1f 82"), [[":method", "GET"]]);
    assert.equal(decoder.tableSizeBytes, 0);
    assert.equal(decodeHex(decoder, "be"), HpackErrors.InvalidIndex);
  });

  it("follows the setting up, when the peer says so", () => {
    const decoder = plainDecoder();
    decoder.setMaxTableSize(8192);
    assert.deepEqual(decodeHex(decoder, "82"), [[":method", "GET"]], "nothing is due");
    assert.deepEqual(decodeHex(decoder, "3fe1 3f"), []);
    assert.equal(decodeHex(decoder, "3fe2 3f"), HpackErrors.SizeUpdateTooLarge);
  });

  it("must be told first once the setting is below it", () => {
    const decoder = plainDecoder();
    decoder.setMaxTableSize(100);
    assert.equal(decodeHex(decoder, "82"), HpackErrors.SizeUpdateMissing);
    assert.equal(decodeHex(decoder, "3f46 82"), HpackErrors.SizeUpdateTooLarge);
    assert.deepEqual(decodeHex(decoder, "3f45 82"), [[":method", "GET"]]);
    assert.deepEqual(decodeHex(decoder, "82"), [[":method", "GET"]], "once is enough");
  });

  it("must be told at its smallest, when the setting went down and up again", () => {
    const lowered = (): HpackDecoder => {
      const decoder = plainDecoder();
      decoder.setMaxTableSize(0);
      decoder.setMaxTableSize(4096);
      return decoder;
    };
    assert.equal(decodeHex(lowered(), "3fe1 1f 82"), HpackErrors.SizeUpdateMissing);
    assert.deepEqual(decodeHex(lowered(), "20 3fe1 1f 82"), [[":method", "GET"]]);
  });

  it("a larger entry empties the table and is no error", () => {
    const decoder = plainDecoder();
    assert.deepEqual(decodeHex(decoder, "3f05 4001610162"), [["a", "b"]]);
    assert.equal(decoder.tableSizeBytes, 34);
    assert.deepEqual(decodeHex(decoder, "4001610563636363 63"), [["a", "ccccc"]]);
    assert.equal(decoder.tableSizeBytes, 0);
  });

  it("an entry may name the one that it pushes out", () => {
    const decoder = plainDecoder();
    assert.deepEqual(decodeHex(decoder, "3f05 4001610162 7e0163"), [
      ["a", "b"],
      ["a", "c"],
    ]);
    assert.deepEqual(decodeHex(decoder, "be"), [["a", "c"]]);
  });

  it("many entries come and go", () => {
    const decoder = plainDecoder();
    for (let i = 0; i < 1000; i++) {
      const value = Buffer.from(String(i), "latin1");
      const block = Buffer.concat([Buffer.from([0x40, 1, 0x61, value.length]), value]);
      assert.deepEqual(decodeBytes(decoder, block), [["a", String(i)]]);
    }
    // 36 bytes each: 113 of them fit.
    assert.equal(decoder.tableSizeBytes, 113 * 36);
    assert.deepEqual(decodeHex(decoder, "be ff2f"), [
      ["a", "999"],
      ["a", "887"],
    ]);
    assert.equal(decodeHex(decoder, "ff30"), HpackErrors.InvalidIndex);
  });
});

describe("strings", () => {
  it("are bounded, plain and in the Huffman code", () => {
    const decoder = plainDecoder(1000);
    assert.deepEqual(decodeBytes(decoder, literal(Buffer.alloc(1000, "x"))), [
      ["a", "x".repeat(1000)],
    ]);
    assert.equal(decodeBytes(decoder, literal(Buffer.alloc(1001, "x"))), HpackErrors.StringTooLong);
    // "0" is five zeros: eight of them are five octets.
    assert.deepEqual(decodeBytes(decoder, literal(Buffer.alloc(625), true)), [
      ["a", "0".repeat(1000)],
    ]);
    assert.equal(decodeBytes(decoder, literal(Buffer.alloc(630), true)), HpackErrors.StringTooLong);
    assert.equal(
      decodeBytes(decoder, literal(Buffer.alloc(60_000), true)),
      HpackErrors.StringTooLong,
    );
    const oneMore = Buffer.alloc(626);
    oneMore[625] = 0x07;
    assert.equal(decodeBytes(decoder, literal(oneMore, true)), HpackErrors.StringTooLong);
  });

  it("names come as they were sent; known ones cost no string", () => {
    const decoder = plainDecoder();
    const upper = Buffer.concat([
      Buffer.from([0x00, 4]),
      Buffer.from("VARY"),
      Buffer.from([1, 0x61]),
    ]);
    assert.deepEqual(decodeBytes(decoder, upper), [["VARY", "a"]]);
    const odd = Buffer.concat([
      Buffer.from([0x00, 3]),
      Buffer.from([0xff, 0, 0x41]),
      Buffer.from([0]),
    ]);
    assert.deepEqual(decodeBytes(decoder, odd), [["\xff\0A", ""]]);
    assert.deepEqual(decodeHex(decoder, "0000 00"), [["", ""]]);
  });
});

describe("who is told", () => {
  it("gets the classifier's answer with each reference, and the classifier is asked once", () => {
    let asked = 0;
    const classifier = new FieldClassifier((name, value) => {
      asked++;
      return name.length * 1000 + value.length;
    });
    assert.equal(asked, 61);
    const decoder = new HpackDecoder(classifier);
    const list = new FieldList();
    const block = Buffer.from("40026162 03636465 be be 82 88".replaceAll(" ", ""), "hex");
    assert.equal(decoder.decode(block, 0, block.length, list), null);
    assert.deepEqual(list.facts, [2003, 2003, 2003, 7003, 7003]);
    assert.equal(asked, 62);
  });

  it("can stop being told, and the table stays in step", () => {
    const decoder = plainDecoder();
    const list = new FieldList(2);
    const block = Buffer.from("82 86 84 4001610162 be 0001630164".replaceAll(" ", ""), "hex");
    assert.equal(decoder.decode(block, 0, block.length, list), null);
    assert.deepEqual(list.fields, [
      [":method", "GET"],
      [":scheme", "http"],
    ]);
    assert.deepEqual(decodeHex(decoder, "be"), [["a", "b"]]);
  });

  it("can stop a bomb: a large entry and thousands of references to it", () => {
    const decoder = plainDecoder();
    const value = Buffer.alloc(3900, "x");
    const entry = literal(value);
    entry[0] = 0x40;
    const bomb = Buffer.concat([entry, Buffer.alloc(12_000, 0xbe)]);
    let calls = 0;
    let listBytes = 0;
    const sink = {
      onField(name: string, text: string): boolean {
        calls++;
        listBytes += name.length + text.length + 32;
        return listBytes <= 61_440;
      },
    };
    assert.equal(decoder.decode(bomb, 0, bomb.length, sink), null);
    assert.equal(calls, 16);
  });
});
