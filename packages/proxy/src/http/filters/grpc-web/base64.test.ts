import assert from "node:assert/strict";
import { test } from "node:test";
import { Base64Decoder } from "./base64-decoder.ts";
import { Base64Encoder } from "./base64-encoder.ts";

const bytes = (text: string): Buffer => Buffer.from(text, "latin1");

void test("base64 is read in whatever pieces it comes", () => {
  const body = bytes("\0\0\0\0\x05hello\0\0\0\0\0");
  const text = body.toString("base64");
  for (let size = 1; size <= text.length; size++) {
    const decoder = new Base64Decoder();
    let decoded = "";
    for (let i = 0; i < text.length; i += size)
      decoded += decoder.decode(bytes(text.slice(i, i + size)))!.toString("latin1");
    assert.equal(decoded, body.toString("latin1"));
    assert.equal(decoder.complete, true);
  }
});

void test("what is no base64 is told, and what is missing at the end", () => {
  for (const text of ["!!!!", "AAA=AAAA", "AA-_", "AA A", "AAB="])
    assert.equal(new Base64Decoder().decode(bytes(text)), null, text);
  const decoder = new Base64Decoder();
  assert.equal(decoder.decode(bytes("AAAAA"))!.length, 3);
  assert.equal(decoder.complete, false);
  // A piece may end in padding; the next one is another text.
  assert.equal(decoder.decode(bytes("A=="))!.length, 1);
  assert.equal(decoder.decode(bytes("AAAA"))!.length, 3);
  assert.equal(decoder.complete, true);
});

void test("base64 is padded where a message ends, and at the end", () => {
  const encoder = new Base64Encoder();
  assert.equal(encoder.encode(bytes("\0\0\0\0")), "AAAA");
  assert.equal(encoder.encode(bytes("\x05")), "");
  assert.equal(encoder.encode(bytes("ab")), "AAVh");
  assert.equal(encoder.encode(bytes("cde")), "YmNkZQ==");
  assert.equal(encoder.encode(bytes("\0\0\0\0\x01a\0\0\0\0\x02bc\0")), "AAAAAAFhAAAAAAJiYw==");
  assert.equal(encoder.finish(bytes("end")), "AA==ZW5k");
});
