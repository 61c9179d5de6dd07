import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HpackEncoder } from "./encoder.ts";
import { decodeBytes, encodeFields, type Field, plainDecoder } from "./testing/field-list.ts";

const hex = (encoder: HpackEncoder, fields: readonly Field[]): string =>
  encodeFields(encoder, fields).toString("hex");

describe("what goes into the table", () => {
  it("fields that fit, at once; a reference is an octet from then on", () => {
    const encoder = new HpackEncoder();
    const fields: Field[] = [
      ["server", "envoy"],
      ["x-forwarded-proto", "http"],
      ["x-own-header", "a value"],
    ];
    assert.ok(encodeFields(encoder, fields).length > 30);
    assert.equal(hex(encoder, fields), "c0bfbe");
  });

  it("several values of one name", () => {
    const encoder = new HpackEncoder();
    const fields: Field[] = [
      ["accept", "a/b"],
      ["accept", "c/d"],
      ["accept", "e/f"],
    ];
    encodeFields(encoder, fields);
    assert.equal(hex(encoder, fields), "c0bfbe");
  });

  it("the name of an entry is referred to", () => {
    const encoder = new HpackEncoder();
    encodeFields(encoder, [["x-own-header", "a"]]);
    assert.equal(hex(encoder, [["x-own-header", "zz"]]), "7e027a7a");
  });

  for (const name of ["content-length", "x-request-id", "traceparent", "if-none-match"]) {
    it(`never ${name}, no two of which are the same`, () => {
      const encoder = new HpackEncoder();
      const first = hex(encoder, [[name, "0123"]]);
      assert.equal(first.slice(0, 1), "0");
      assert.equal(hex(encoder, [[name, "0123"]]), first);
      assert.equal(encoder.tableSizeBytes, 0);
    });
  }

  for (const name of ["cookie", "set-cookie", "authorization", "proxy-authorization"]) {
    it(`never ${name}, and nobody behind may do so`, () => {
      const encoder = new HpackEncoder();
      assert.equal(hex(encoder, [[name, "0123"]]).slice(0, 1), "1");
      assert.equal(encoder.tableSizeBytes, 0);
    });
  }

  it("fields of which somebody said so never, with their name from the static table", () => {
    const encoder = new HpackEncoder(4096, "none");
    const text =
      encoder.addNeverIndexed("", "x-key", "v") + encoder.addNeverIndexed("", "via", "v");
    assert.equal(Buffer.from(text, "latin1").toString("hex"), "1005782d6b657901761f2d0176");
    assert.equal(encoder.tableSizeBytes, 0);
  });

  it("what pushes others out only when it comes again", () => {
    const encoder = new HpackEncoder(400);
    const steady: Field = ["x-steady", "s".repeat(12)];
    encodeFields(encoder, [steady]);
    for (let i = 0; i < 20; i++) encodeFields(encoder, [["x-other", `first ${i}`]]);
    const before = encoder.tableSizeBytes;
    for (let i = 0; i < 100; i++) encodeFields(encoder, [["x-other", `once ${i}`]]);
    assert.equal(encoder.tableSizeBytes, before);
    assert.equal(encodeFields(encoder, [steady]).length, 1, "still there");
    encodeFields(encoder, [["x-other", "again"]]);
    encodeFields(encoder, [["x-other", "again"]]);
    assert.equal(encodeFields(encoder, [["x-other", "again"]]).length, 1);
    assert.ok(encodeFields(encoder, [steady]).length > 1, "pushed out");
  });

  it("nothing that takes more than a quarter of it", () => {
    const encoder = new HpackEncoder();
    encodeFields(encoder, [["a", "x".repeat(1024 - 33 + 1)]]);
    assert.equal(encoder.tableSizeBytes, 0);
    encodeFields(encoder, [["a", "x".repeat(1024 - 33)]]);
    assert.equal(encoder.tableSizeBytes, 1024);
  });

  it("nothing at all when it has no room", () => {
    const encoder = new HpackEncoder(0);
    assert.equal(encoder.begin(), "\x20");
    for (let i = 0; i < 3; i++) {
      assert.equal(hex(encoder, [["server", "envoy"]]), "0f2705656e766f79");
    }
  });
});

describe("the size of the table", () => {
  it("is told when it is not the protocol's", () => {
    assert.equal(new HpackEncoder().begin(), "");
    assert.equal(new HpackEncoder(8192).begin(), "");
    const small = new HpackEncoder(100);
    assert.equal(small.begin(), "\x3f\x45");
    assert.equal(small.begin(), "");
  });

  it("follows the peer's setting, up to our own limit", () => {
    const encoder = new HpackEncoder(8192);
    encoder.setPeerMaxTableSize(65_536);
    assert.equal(encoder.begin(), "\x3f\xe1\x3f");
    encoder.setPeerMaxTableSize(100_000);
    assert.equal(encoder.begin(), "", "nothing changed");
    encoder.setPeerMaxTableSize(0);
    assert.equal(encoder.begin(), "\x20");
  });

  it("is told at its smallest and as it is, when it went down and up again", () => {
    const encoder = new HpackEncoder();
    encodeFields(encoder, [["server", "envoy"]]);
    encoder.setPeerMaxTableSize(30);
    encoder.setPeerMaxTableSize(0);
    encoder.setPeerMaxTableSize(4096);
    assert.equal(encoder.tableSizeBytes, 0);
    assert.equal(encoder.begin(), "\x20\x3f\xe1\x1f");
  });
});

describe("strings", () => {
  it("statuses of the static table are an octet, others are one from the second time on", () => {
    const encoder = new HpackEncoder();
    const statuses = [200, 204, 206, 304, 400, 404, 500].map((status) =>
      encoder.addStatus("", status),
    );
    assert.deepEqual(statuses.join(""), "\x88\x89\x8a\x8b\x8c\x8d\x8e");
    assert.equal(
      Buffer.from(encoder.addStatus("", 503)).toString("hex"),
      "48" + Buffer.from("\x03503").toString("hex"),
    );
    assert.equal(encoder.addStatus("x", 503), "x\xbe");
  });

  it("are in the Huffman code where they are kept, or everywhere", () => {
    const kept: Field = ["server", "www.example.com"];
    const length: Field = ["content-length", "1234567890"];
    const coded = "8cf1e3c2e5f23a6ba0ab90f4ff";
    assert.equal(hex(new HpackEncoder(), [kept]), `76${coded}`);
    assert.equal(
      hex(new HpackEncoder(), [length]),
      `0f0d0a${Buffer.from("1234567890").toString("hex")}`,
    );
    assert.equal(hex(new HpackEncoder(4096, "all"), [kept]), `76${coded}`);
    assert.equal(hex(new HpackEncoder(4096, "all"), [length]), "0f0d88089969b71d79f07f");
  });

  it("of every octet and of every length around a length's octets survive", () => {
    const every = Array.from({ length: 256 }, (_, octet) => String.fromCharCode(octet)).join("");
    for (const huffman of ["table", "all"] as const) {
      const encoder = new HpackEncoder(4096, huffman);
      const decoder = plainDecoder();
      for (const size of [0, 1, 2, 126, 127, 128, 254, 255, 256, 300, 5000, 20_000]) {
        const fields: Field[] = [
          ["x-size", "a".repeat(size)],
          ["content-length", "\xff".repeat(size)],
          ["cookie", `${every}${"%".repeat(size)}`],
          [`x-${"n".repeat(size)}`, every],
        ];
        assert.deepEqual(decodeBytes(decoder, encodeFields(encoder, fields)), fields);
      }
    }
  });
});
