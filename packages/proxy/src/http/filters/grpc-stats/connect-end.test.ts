import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectEnd } from "./connect-end.ts";

function frame(json: string, bytes: number = json.length): Buffer {
  const head = Buffer.from([2, 0, 0, 0, 0]);
  head.writeUInt32BE(bytes, 1);
  return Buffer.concat([head, Buffer.from(json)]);
}

function succeeds(data: Buffer, pieceBytes: number = data.length): boolean {
  const end = new ConnectEnd();
  for (let i = 0; i < data.length; i += pieceBytes) end.add(data.subarray(i, i + pieceBytes));
  return end.success;
}

void test("a stream ends well without an error, in whatever pieces that is told", () => {
  for (const size of [1, 3, 100]) {
    assert.equal(succeeds(frame('{"metadata":{}}'), size), true);
    assert.equal(succeeds(frame('{"error":null}'), size), false);
  }
  assert.equal(succeeds(Buffer.concat([frame("{}"), Buffer.from("more")])), true);
});

void test("what is cut off, or no JSON object, is no good end", () => {
  for (const json of ["", "[]", "1", "null", "{}x"]) assert.equal(succeeds(frame(json)), false);
  assert.equal(succeeds(frame("{}", 3)), false);
  assert.equal(succeeds(Buffer.alloc(0)), false);
});

void test("so much of the end is read and no more", () => {
  const json = (bytes: number): string => `{"a":"${"x".repeat(bytes - 8)}"}`;
  assert.equal(succeeds(frame(json(64 * 1024))), true);
  assert.equal(succeeds(frame(json(64 * 1024 + 1))), false);
});
