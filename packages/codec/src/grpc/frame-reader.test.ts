import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { GrpcFrameReader } from "./frame-reader.ts";
import { grpcFrameAround, grpcFrameOf } from "./frame.ts";

/** What a reader gives of a body in these pieces. */
function read(reader: GrpcFrameReader, pieces: readonly Buffer[]): string[] {
  const messages: string[] = [];
  for (const piece of pieces) {
    // Borrowed, as on a connection: it is something else when the next one comes.
    const borrowed = Buffer.from(piece);
    reader.push(borrowed);
    for (let message = reader.read(); message !== null; message = reader.read())
      messages.push(message.toString("hex"));
    borrowed.fill(0xff);
  }
  return messages;
}

void test("messages come out as they went in, however the body is cut", () => {
  const messages = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 6 });
  const cuts = fc.array(fc.nat(300), { maxLength: 12 });
  fc.assert(
    fc.property(messages, cuts, (sent, at) => {
      const body = Buffer.concat(sent.map((message) => grpcFrameOf(Buffer.from(message))));
      const ends = [...at.filter((cut) => cut < body.length), body.length].sort((a, b) => a - b);
      const pieces = ends.map((end, i) => body.subarray(i === 0 ? 0 : ends[i - 1], end));
      const expected = sent.map((message) => Buffer.from(message).toString("hex"));
      assert.deepEqual(read(new GrpcFrameReader(0), pieces), expected);
    }),
  );
});

void test("a message in pieces is framed as the whole, and all pieces but the first stay what they are", () => {
  const pieces = [Buffer.from("abc"), Buffer.alloc(300, "d"), Buffer.from("e")];
  const frame = grpcFrameAround(pieces);
  assert.deepEqual(Buffer.concat(frame), grpcFrameOf(Buffer.concat(pieces)));
  assert.deepEqual(frame.slice(1), pieces.slice(1));
  assert.deepEqual(Buffer.concat(grpcFrameAround([])), grpcFrameOf(Buffer.alloc(0)));
});

void test("a message that lies whole in its piece is not copied", () => {
  const reader = new GrpcFrameReader(0);
  const piece = grpcFrameOf(Buffer.from("abc"));
  reader.push(piece);
  assert.equal(reader.read()!.buffer, piece.buffer);
});

void test("nothing is read behind a message that is too large, or encoded", () => {
  const small = grpcFrameOf(Buffer.alloc(4));
  const reader = new GrpcFrameReader(4);
  assert.equal(read(reader, [small, grpcFrameOf(Buffer.alloc(5)), small]).length, 1);
  assert.equal(reader.error, "too_large");
  const encoded = grpcFrameOf(Buffer.alloc(1));
  encoded[0] = 1;
  const empty = grpcFrameOf(Buffer.alloc(0));
  empty[0] = 1;
  const other = new GrpcFrameReader(0);
  assert.equal(read(other, [empty, encoded, small]).length, 1);
  assert.equal(other.error, "compressed");
});
