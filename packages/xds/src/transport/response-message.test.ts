import assert from "node:assert/strict";
import { test } from "node:test";
import { fromBinary } from "@bufbuild/protobuf";
import { cachedResource } from "../server/cached-resource.ts";
import type { XdsResponse } from "../server/response.ts";
import { discoverySchemas } from "../types/discovery-messages.ts";
import { PiecedResource } from "../types/pieced-resource.ts";
import { typeUrlOf } from "../types/resource-type.ts";
import type { VersionedResource } from "../types/versioned-resource.ts";
import { deltaBytes, deltaMessage, sotwBytes } from "./response-message.ts";

const typeUrl = typeUrlOf("VHDS");
const pieces = [Buffer.from("one "), Buffer.alloc(70_000, "x"), Buffer.from(" three")];
const whole: VersionedResource = {
  name: "r/b",
  version: "2",
  typeUrl,
  value: Buffer.concat(pieces),
};

function responseOf(...resources: VersionedResource[]): XdsResponse {
  const cached = resources.map(cachedResource);
  const rest = { version: "7", nonce: "n", removed: ["gone"], heartbeats: [] };
  return { typeUrl, resources: cached, ...rest };
}

test("a resource in pieces is the same message as one in one piece, and its pieces are not copied", () => {
  const { deltaResponse } = discoverySchemas();
  const other: VersionedResource = { name: "r/a", version: "1", typeUrl, value: Buffer.from("a") };
  for (const ttl of [{}, { ttlMs: 1500 }]) {
    const pieced = Object.assign(new PiecedResource(typeUrl, "r/b", "2", pieces), ttl);
    const bytes = deltaBytes(responseOf(pieced, other), "cp");
    for (const piece of pieces) assert.ok(bytes.includes(piece));
    const read = fromBinary(deltaResponse, new Uint8Array(Buffer.concat(bytes)));
    const expected = deltaBytes(responseOf(other, { ...whole, ...ttl }), "cp");
    assert.equal(expected.length, 1);
    assert.deepEqual(read, fromBinary(deltaResponse, expected[0]!));
    assert.equal(read.resources.length, 2);
  }
});

test("whoever wants one message, or the other variant, has the pieces put together", () => {
  const pieced = new PiecedResource(typeUrl, "r/b", "2", pieces);
  assert.deepEqual(Buffer.from(pieced.value), whole.value);
  assert.deepEqual(
    deltaMessage(responseOf(pieced), "cp").$unknown,
    deltaMessage(responseOf(whole), "cp").$unknown,
  );
  assert.deepEqual(sotwBytes(responseOf(pieced), "cp"), sotwBytes(responseOf(whole), "cp"));
});
