import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { MessageReader } from "./message-reader.ts";
import { MessageWriter } from "./message-writer.ts";

type Field = readonly [field: number, value: number | string];

/** What is read of a message; null where it is none. */
function fieldsOf(bytes: Buffer): Field[] | null {
  const reader = new MessageReader(bytes);
  const fields: Field[] = [];
  while (reader.next()) {
    if (reader.varint !== null) fields.push([reader.field, reader.varint]);
    if (reader.bytes !== null) fields.push([reader.field, reader.bytes.toString("utf8")]);
  }
  return reader.malformed ? null : fields;
}

void test("what was written is read", () => {
  const number = fc.integer({ min: 1, max: 2 ** 29 - 1 });
  const value = fc.oneof(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), fc.string());
  fc.assert(
    fc.property(fc.array(fc.tuple(number, value)), (fields) => {
      const writer = new MessageWriter();
      for (const [field, each] of fields) {
        if (typeof each === "number") writer.presentUint(field, each);
        else writer.presentString(field, Buffer.from(each, "utf8").toString("latin1"));
      }
      const read = fields.map(([field, each]) => [
        field,
        typeof each === "number" ? each : Buffer.from(each, "utf8").toString("utf8"),
      ]);
      assert.deepEqual(fieldsOf(Buffer.from(writer.bytes)), read);
    }),
  );
});

void test("fields of other layouts are passed over", () => {
  const fixed = "0901020304050607080d01020304";
  const group = "1308011b0a001c14";
  assert.deepEqual(fieldsOf(Buffer.from(`${fixed}${group}1805`, "hex")), [[3, 5]]);
});

void test("what is no message is told", () => {
  const cases = {
    "a length beyond the end": "0a05",
    "a varint without an end": "08ff",
    "a varint of eleven bytes": `08${"ff".repeat(10)}01`,
    "field 0": "0200",
    "an end without a group": "1c",
    "a group without an end": "1b0801",
    "a group with another end": "1b24",
    "groups beyond the limit": "1b".repeat(101) + "1c".repeat(101),
    "a layout that there is not": "0f",
    "a fixed value that is cut": "0901",
  };
  for (const [what, hex] of Object.entries(cases))
    assert.equal(fieldsOf(Buffer.from(hex, "hex")), null, what);
  assert.deepEqual(fieldsOf(Buffer.from("1b".repeat(100) + "1c".repeat(100), "hex")), []);
});
