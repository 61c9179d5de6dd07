import assert from "node:assert/strict";
import { it } from "node:test";
import type { HeaderMap } from "../header-map.ts";
import { FIELD_CLASSIFIER } from "./field-facts.ts";
import { FieldReader, SectionKind } from "./field-reader.ts";
import { HpackDecoder } from "./hpack/decoder.ts";
import { DEFAULT_HTTP2_OPTIONS } from "./options.ts";
import { block, GET } from "./testing/frames.ts";
import { TestClient } from "./testing/recorder.ts";

/** A literal that is never indexed, with a name that is spelt out. */
const SECRET = "\x10\x05x-key\x06secret";

function read(text: string): HeaderMap {
  const decoder = new HpackDecoder(FIELD_CLASSIFIER);
  const reader = new FieldReader(DEFAULT_HTTP2_OPTIONS, { add() {} });
  reader.begin(SectionKind.Request);
  const bytes = Buffer.from(text, "latin1");
  assert.equal(decoder.decode(bytes, 0, bytes.length, reader), null);
  assert.equal(reader.finish(), null);
  return reader.takeHeaders();
}

function written(headers: HeaderMap): string {
  const client = new TestClient();
  client.newStream()[0].encodeHeaders(headers, true);
  return client.sink.text;
}

it("what came never indexed is sent on so (RFC 7541 6.2.3), each time", () => {
  const headers = read(block(GET) + SECRET + block([["x-other", "1"]]));
  assert.deepEqual(headers.neverIndexed, ["x-key"]);
  assert.equal(headers.get("x-key"), "secret");
  assert.ok(written(headers).includes(SECRET));
  assert.ok(written(headers.clone()).includes(SECRET));
  // A filter's new value is no less of a secret.
  headers.set("x-key", "public");
  assert.ok(written(headers).includes("\x10\x05x-key\x06public"));
});

it("names of the static table are referred to", () => {
  const headers = read(`${block(GET)}\x1f\x2b\x03a/b`);
  assert.deepEqual(headers.neverIndexed, ["user-agent"]);
  assert.ok(written(headers).includes("\x1f\x2b\x03a/b"));
});

it("so are pseudo headers", () => {
  const headers = read(`${block(GET.filter(([name]) => name !== ":path"))}\x14\x06/?k=11`);
  assert.deepEqual(headers.neverIndexed, [":path"]);
  assert.ok(written(headers).includes("\x14\x06/?k=11"));
});

it("other requests do not know of it", () => {
  const headers = read(block([...GET, ["x-key", "secret"]]));
  assert.equal(headers.neverIndexed, null);
  assert.ok(!written(headers).includes("\x10\x05x-key"));
});
