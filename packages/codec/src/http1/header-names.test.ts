import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { findHeaderName, HEADER_NAMES, NameId, SPECIAL_NAMES } from "./header-names.ts";

const find = (name: string): number => findHeaderName(Buffer.from(`**${name}**`), 2, name.length);

describe("header names", () => {
  it("are all found, in any case", () => {
    for (const [id, name] of HEADER_NAMES.entries()) {
      assert.equal(find(name), id);
      assert.equal(find(name.toUpperCase()), id);
    }
    assert.equal(new Set(HEADER_NAMES).size, HEADER_NAMES.length);
  });

  it("are not mistaken for others", () => {
    for (const name of [
      "x",
      "hosts",
      "hos",
      "content_length",
      "content-lengtg",
      "x-real-iq",
      "^ost",
    ]) {
      assert.equal(find(name), -1, name);
    }
  });

  it("have the numbers that the codec uses", () => {
    const names = [
      "host",
      "content-length",
      "transfer-encoding",
      "connection",
      "upgrade",
      "expect",
      "te",
      "keep-alive",
    ];
    assert.deepEqual(HEADER_NAMES.slice(0, SPECIAL_NAMES), [...names, "proxy-connection"]);
    assert.equal(NameId.ProxyConnection, SPECIAL_NAMES - 1);
  });
});
