import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ClientHelloReader, Inspection } from "./client-hello-reader.ts";
import { clientHello, handshakeRecords, protocols, serverName } from "./testing/client-hello.ts";

const HELLO = clientHello({ extensions: [serverName("WWW.a.test"), protocols("h2", "http/1.1")] });

function read(bytes: Buffer): { reader: ClientHelloReader; result: Inspection } {
  const reader = new ClientHelloReader();
  return { reader, result: reader.read(bytes, 0, bytes.length) };
}

function failureOf(bytes: Buffer): string {
  const { reader, result } = read(bytes);
  return result === Inspection.NotFound ? reader.failure : `result ${result}`;
}

void test("finds name and protocols, in one record or many", () => {
  for (const size of [Infinity, 100, 40, 5, 1]) {
    const bytes = handshakeRecords(HELLO, size);
    const { reader, result } = read(bytes);
    assert.equal(result, Inspection.Found);
    assert.equal(reader.hello.serverName, "www.a.test");
    assert.deepEqual(reader.hello.applicationProtocols(), ["h2", "http/1.1"]);
    assert.equal(reader.processedBytes, bytes.length);
  }
});

void test("every beginning of a hello asks for more, and says how much more it needs at least", () => {
  for (const size of [Infinity, 17]) {
    const bytes = handshakeRecords(HELLO, size);
    for (let length = 0; length < bytes.length; length++) {
      const { reader, result } = read(bytes.subarray(0, length));
      assert.equal(result, Inspection.More, `after ${length} bytes`);
      assert.ok(reader.neededBytes > length && reader.neededBytes <= bytes.length);
    }
  }
});

void test("what stands before and behind the bytes is not looked at", () => {
  const bytes = handshakeRecords(HELLO);
  const around = Buffer.concat([Buffer.alloc(3, 22), bytes, Buffer.alloc(9, 22)]);
  const reader = new ClientHelloReader();
  assert.equal(reader.read(around, 3, 3 + bytes.length), Inspection.Found);
  assert.equal(reader.read(around, 3, 2 + bytes.length), Inspection.More);
});

void test("whatever else a connection begins with has its reason", () => {
  const reasons: [string, Buffer][] = [
    ["HTTP_REQUEST", Buffer.from("GET / HTTP/1.1\r\n")],
    ["HTTPS_PROXY_REQUEST", Buffer.from("CONNECT a:1 HTTP/1.1\r\n")],
    ["WRONG_VERSION_NUMBER", Buffer.from("SSH-2.0")],
    ["UNEXPECTED_RECORD", Buffer.of(23, 3, 3, 0, 1, 0)],
    ["UNEXPECTED_MESSAGE", handshakeRecords(HELLO, Infinity, 2)],
    ["ENCRYPTED_LENGTH_TOO_LONG", Buffer.of(22, 3, 1, 255, 255)],
    ["EXCESSIVE_MESSAGE_SIZE", Buffer.of(22, 3, 1, 0, 4, 1, 0, 64, 1)],
    ["TOO_MANY_EMPTY_FRAGMENTS", Buffer.concat(Array(33).fill(Buffer.of(22, 3, 1, 0, 0)))],
    ["CLIENTHELLO_PARSE_FAILED", handshakeRecords(clientHello({ ciphers: [] }))],
    [
      "CLIENTHELLO_PARSE_FAILED",
      handshakeRecords(clientHello({ extensions: [serverName("a"), serverName("b")] })),
    ],
    ["ERROR_PARSING_EXTENSION", handshakeRecords(clientHello({ extensions: [serverName("")] }))],
    [
      "ERROR_PARSING_EXTENSION",
      handshakeRecords(clientHello({ extensions: [serverName("a\0b")] })),
    ],
    [
      "ERROR_PARSING_EXTENSION",
      handshakeRecords(clientHello({ extensions: [serverName("a".repeat(256))] })),
    ],
  ];
  for (const [reason, bytes] of reasons) assert.equal(failureOf(bytes), reason);
  const twice = Buffer.concat([handshakeRecords(HELLO), Buffer.of(0)]);
  twice.writeUInt16BE(twice.length - 5, 3);
  assert.equal(failureOf(twice), "EXCESS_HANDSHAKE_DATA");
  assert.equal(read(Buffer.of(21, 3, 1, 0, 2, 1, 0)).result, Inspection.Closed);
});

void test("an extension that was there in the last hello may be there in this one", () => {
  const reader = new ClientHelloReader();
  const twice = handshakeRecords(clientHello({ extensions: [serverName("a"), serverName("b")] }));
  assert.equal(reader.read(twice, 0, twice.length), Inspection.NotFound);
  const bytes = handshakeRecords(HELLO);
  for (let round = 0; round < 3; round++) {
    assert.equal(reader.read(bytes, 0, bytes.length), Inspection.Found);
  }
});

void test("any bytes come to one of the four ends", () => {
  const reader = new ClientHelloReader();
  const valid = handshakeRecords(HELLO, 30);
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 400 }),
      fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { maxLength: 8 }),
      (noise, changes) => {
        const changed = Buffer.from(valid);
        for (const [at, byte] of changes) changed[at] = byte;
        for (const bytes of [Buffer.from(noise), changed]) {
          const result = reader.read(bytes, 0, bytes.length);
          assert.ok(result >= Inspection.More && result <= Inspection.Closed);
          if (result === Inspection.More) assert.ok(reader.neededBytes > bytes.length);
        }
      },
    ),
  );
});
