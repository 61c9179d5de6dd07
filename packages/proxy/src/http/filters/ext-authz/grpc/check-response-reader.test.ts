import assert from "node:assert/strict";
import { test } from "node:test";
import { fromJson, toBinary, type JsonValue } from "@bufbuild/protobuf";
import { envoyTypes } from "@nuncio/api";
import fc from "fast-check";
import { readCheckResponse } from "./check-response-reader.ts";

const types = envoyTypes();
const RESPONSE = types.getMessage("envoy.service.auth.v3.CheckResponse")!;

function encode(json: JsonValue): Buffer {
  const message = fromJson(RESPONSE, json, { registry: types as never });
  return Buffer.from(toBinary(RESPONSE, message));
}

function read(json: JsonValue): unknown {
  return readCheckResponse(encode(json));
}

function header(key: string, value: string, more: object = {}): JsonValue {
  return { header: { key, value }, ...more };
}

void test("an answer that allows has changes in the order in which they are made", () => {
  assert.deepEqual(
    read({
      okResponse: {
        headers: [
          header("x-join", "1", { append: true }),
          header("X-Set", "2"),
          header("x-action", "3", { appendAction: "ADD_IF_ABSENT" }),
        ],
        headersToRemove: ["X-Gone"],
        responseHeadersToAdd: [
          header("if", "1", { appendAction: "OVERWRITE_IF_EXISTS" }),
          header("absent", "2", { appendAction: "ADD_IF_ABSENT" }),
          header("set", "3", { append: false }),
          header("add", "ä"),
        ],
        queryParametersToSet: [{ key: "a", value: "b" }],
        queryParametersToRemove: ["c"],
      },
    }),
    {
      kind: "ok",
      changes: [
        { name: "x-set", value: "2", action: "set" },
        { name: "x-action", value: "3", action: "set" },
        { name: "x-join", value: "1", action: "join" },
      ],
      remove: ["x-gone"],
      toClient: [
        { name: "add", value: "Ã¤", action: "add" },
        { name: "set", value: "3", action: "set" },
        { name: "absent", value: "2", action: "add_if_absent" },
        { name: "if", value: "1", action: "overwrite_if_exists" },
      ],
      querySet: [["a", "b"]],
      queryRemove: ["c"],
    },
  );
  assert.deepEqual(read({}), { kind: "ok", changes: [], remove: [], toClient: [] });
});

void test("a denial and an error have what is said, or what is usual", () => {
  const denied = { kind: "denied", status: 403, headers: [], body: "" };
  assert.deepEqual(read({ status: { code: 7 } }), denied);
  assert.deepEqual(read({ status: { code: -1 } }), denied);
  assert.deepEqual(
    read({ status: { code: 7 }, okResponse: { headers: [header("a", "b")] } }),
    denied,
  );
  assert.deepEqual(
    read({
      status: { code: 16 },
      deniedResponse: {
        status: { code: 401 },
        headers: [header("A", "b"), header("left-out", "b", { append: true })],
        body: "no",
      },
    }),
    { kind: "denied", status: 401, headers: [["a", "b"]], body: "no" },
  );
  assert.deepEqual(read({ status: { code: 7 }, errorResponse: {} }), {
    kind: "error",
    headers: [],
    body: "",
  });
});

void test("metadata are JSON, those of the older place first", () => {
  const metadata = { n: 1.5, t: "ä", b: true, z: null, l: [1, { deep: [] }], __proto: {} };
  const ok = read({ dynamicMetadata: metadata }) as { metadata: object };
  assert.deepEqual(JSON.parse(JSON.stringify(ok.metadata)), metadata);
  const both = { okResponse: { dynamicMetadata: { a: 1 } }, dynamicMetadata: { b: 2 } };
  assert.deepEqual({ ...(read(both) as { metadata: object }).metadata }, { a: 1 });
});

void test("an unknown action of the response is told, one of the request is nothing", () => {
  const unknown = [header("a", "b", { appendAction: 9 })];
  assert.equal(
    (read({ okResponse: { headers: unknown } }) as object as { unknownAction?: true })
      .unknownAction,
    undefined,
  );
  assert.equal(
    (read({ okResponse: { responseHeadersToAdd: unknown } }) as { unknownAction?: true })
      .unknownAction,
    true,
  );
});

void test("what is no message, or has text that is none, is no answer", () => {
  const whole = encode({
    status: { code: 7 },
    deniedResponse: { status: { code: 401 }, headers: [header("a", "b")], body: "no" },
    dynamicMetadata: { a: [1, "b"] },
  });
  for (const cut of [whole.length - 1, 1, 3, 9])
    assert.equal(readCheckResponse(whole.subarray(0, cut)), null, String(cut));
  const noText = Buffer.from(whole.toString("latin1").replace("no", "\xff\xfe"), "latin1");
  assert.equal(readCheckResponse(noText), null);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      readCheckResponse(Buffer.from(bytes));
    }),
  );
});

void test("metadata that are nested without an end are no answer", () => {
  let value: Buffer = Buffer.alloc(0);
  const wrap = (field: number, inner: Buffer): Buffer => {
    const length = [inner.length & 0x7f];
    for (let left = inner.length >> 7; left > 0; left >>= 7) {
      length[length.length - 1]! |= 0x80;
      length.push(left & 0x7f);
    }
    return Buffer.concat([Buffer.from([field * 8 + 2, ...length]), inner]);
  };
  for (let i = 0; i < 300; i++) value = wrap(6, wrap(1, value));
  assert.equal(readCheckResponse(wrap(4, wrap(1, wrap(2, value)))), null);
});
