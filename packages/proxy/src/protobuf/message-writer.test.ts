import assert from "node:assert/strict";
import { test } from "node:test";
import { fromBinary, toJson } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import { envoyTypes } from "@nuncio/api";
import fc from "fast-check";
import { MessageWriter } from "./message-writer.ts";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A `google.protobuf.Value`: every way to write, nested as deep as one likes. */
function writeValue(writer: MessageWriter, value: Json): void {
  if (value === null) writer.presentUint(1, 0);
  else if (typeof value === "number") writer.presentDouble(2, value);
  else if (typeof value === "string")
    writer.presentString(3, Buffer.from(value, "utf8").toString("latin1"));
  else if (typeof value === "boolean") writer.presentBool(4, value);
  else if (Array.isArray(value)) {
    const list = writer.begin(6);
    for (const item of value) {
      const element = writer.begin(1);
      writeValue(writer, item);
      writer.end(element);
    }
    writer.end(list);
  } else {
    const struct = writer.begin(5);
    for (const [key, item] of Object.entries(value)) {
      const entry = writer.begin(1);
      writer.string(1, Buffer.from(key, "utf8").toString("latin1"));
      const element = writer.begin(2);
      writeValue(writer, item);
      writer.end(element);
      writer.end(entry);
    }
    writer.end(struct);
  }
}

void test("what is written is what the library reads", () => {
  const { value } = fc.letrec<{ value: Json }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom<Json>(null, true, false, "", "x".repeat(200)),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
      fc.string({ unit: "grapheme" }),
      fc.array(tie("value"), { maxLength: 5 }),
      fc.dictionary(fc.string({ minLength: 1 }), tie("value"), { maxKeys: 5 }),
    ),
  }));
  const writer = new MessageWriter();
  fc.assert(
    fc.property(value, (given) => {
      writer.clear();
      writeValue(writer, given);
      const read = toJson(ValueSchema, fromBinary(ValueSchema, writer.bytes));
      assert.deepEqual(read, JSON.parse(JSON.stringify(given)));
    }),
  );
});

void test("whole numbers up to 2^53 are read back; what is 0, false or empty is left out", () => {
  const desc = envoyTypes().getMessage("envoy.data.accesslog.v3.ConnectionProperties")!;
  const writer = new MessageWriter();
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.nat(0x7fff_ffff), (received, sent) => {
      writer.clear();
      writer.uint(1, received);
      writer.uint(2, sent);
      const read = toJson(desc, fromBinary(desc, writer.bytes), { alwaysEmitImplicit: true });
      assert.deepEqual(read, { receivedBytes: String(received), sentBytes: String(sent) });
    }),
  );
  writer.clear();
  writer.uint(1, 0);
  writer.bool(2, false);
  writer.string(3, "");
  assert.equal(writer.length, 0);
  writer.bool(15, true);
  assert.deepEqual([...writer.bytes], [0x78, 1]);
  writer.presentBytes(16, Buffer.from("ab"));
  assert.deepEqual([...writer.bytes], [0x78, 1, 0x82, 0x01, 2, 0x61, 0x62]);
  writer.truncate(2);
  assert.deepEqual([...writer.bytes], [0x78, 1]);
});

void test("a byte that is no UTF-8 becomes an exclamation mark, as in Envoy", () => {
  const writer = new MessageWriter();
  for (const [given, expected] of [
    ["plain", "plain"],
    ["\xc3\xa9", "é"],
    ["a\xffb\xc3", "a!b!"],
    ["\xed\xa0\x80", "!!!"],
    ["\xf0\x9f\x98\x80\x80", "😀!"],
    ["\xc0\x80", "!!"],
    ["\xe2\x82", "!!"],
  ] as const) {
    writer.clear();
    writer.presentString(1, given);
    assert.equal(writer.bytes.subarray(2).toString("utf8"), expected);
  }
});
