import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { datagramPrefix, DatagramReader, type CapsuleError } from "./datagrams.ts";
import { readVarint, varintBytes, varintText } from "./varint.ts";

interface Read {
  readonly datagrams: string[];
  error: CapsuleError | null;
}

/** Reads `text` cut into pieces of `size` bytes, and the end. */
function read(text: string, size = text.length || 1): Read {
  const seen: Read = { datagrams: [], error: null };
  const reader = new DatagramReader((payload) => seen.datagrams.push(payload.toString("latin1")));
  const bytes = Buffer.from(text, "latin1");
  for (let at = 0; at < bytes.length && seen.error === null; at += size)
    seen.error = reader.read(bytes.subarray(at, at + size));
  seen.error ??= reader.finish();
  return seen;
}

function capsule(type: number, content: string): string {
  return varintText(type) + varintText(content.length) + content;
}

describe("variable-length integers", () => {
  it("are those of RFC 9000 A.1", () => {
    const of = (hex: string): number => readVarint(Buffer.from(hex, "hex"), 0);
    assert.equal(of("9d7f3e7d"), 494_878_333);
    assert.equal(of("7bbd"), 15_293);
    assert.equal(of("25"), 37);
    assert.equal(of("4025"), 37);
    assert.equal(of("c000000000000025"), 37);
    assert.deepEqual([0x00, 0x40, 0x80, 0xc0].map(varintBytes), [1, 2, 4, 8]);
  });

  it("are written in their shortest form", () => {
    fc.assert(
      fc.property(fc.nat(0x3fff_ffff), (value) => {
        const text = varintText(value);
        assert.equal(readVarint(Buffer.from(text, "latin1"), 0), value);
        assert.equal(text.length, value < 0x40 ? 1 : value < 0x4000 ? 2 : 4);
      }),
    );
  });
});

describe("datagrams in capsules", () => {
  it("come one by one, empty ones too", () => {
    const text = "\x00\x06\x00hello\x00\x01\x00\x00\x03\x00hi";
    assert.deepEqual(read(text), { datagrams: ["hello", "", "hi"], error: null });
  });

  it("may have long integers", () => {
    const text = "\x40\x00\x80\x00\x00\x0d\xc0\x00\x00\x00\x00\x00\x00\x00hello";
    assert.deepEqual(read(text), { datagrams: ["hello"], error: null });
  });

  it("are dropped when their context is another, and with them other capsules", () => {
    const text = `${capsule(0, "\x02abc")}${capsule(0x17, "xyz")}${capsule(0, "\x00hi")}`;
    assert.deepEqual(read(text), { datagrams: ["hi"], error: null });
  });

  it("are dropped without being kept when they are longer than any packet", () => {
    const most = "x".repeat(65_535);
    const text = capsule(0, `\x00${most}`) + capsule(0, "x".repeat(65_544)) + capsule(0, "\x00hi");
    assert.deepEqual(read(text), { datagrams: [most, "hi"], error: null });
    assert.deepEqual(read(text, 1000), { datagrams: [most, "hi"], error: null });
  });

  it("are malformed without a whole context", () => {
    const error = "Visitor failed to process capsule";
    assert.deepEqual(read("\x00\x00"), { datagrams: [], error });
    assert.deepEqual(read("\x00\x01\x40"), { datagrams: [], error });
  });

  it("must not be cut off by the end of the stream", () => {
    const error = "Incomplete capsule left at the end of the stream";
    for (const text of ["\x00", "\x00\x06", "\x00\x06\x00he", "\x40", "\x17\x03ab"])
      assert.deepEqual(read(text), { datagrams: [], error });
    assert.deepEqual(read(""), { datagrams: [], error: null });
  });

  it("are the same however the stream is cut", () => {
    const item = fc.record({
      type: fc.constantFrom(0, 0, 0, 1, 0x40, 0x4000),
      content: fc.string({ unit: "binary-ascii", maxLength: 90 }),
    });
    fc.assert(
      fc.property(
        fc.array(item, { maxLength: 6 }),
        fc.integer({ min: 1, max: 9 }),
        (items, size) => {
          const text = items.map(({ type, content }) => capsule(type, `\x00${content}`)).join("");
          const packets = items.filter(({ type }) => type === 0).map(({ content }) => content);
          assert.deepEqual(read(text), { datagrams: packets, error: null });
          assert.deepEqual(read(text, size), read(text));
        },
      ),
    );
  });

  it("are read as they are written", () => {
    for (const bytes of [0, 5, 62, 63, 1400, 16_382, 16_383, 65_507]) {
      const payload = "p".repeat(bytes);
      assert.deepEqual(read(datagramPrefix(bytes) + payload).datagrams, [payload]);
    }
  });
});
