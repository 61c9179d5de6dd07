import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  Field,
  FIELD_CLASSIFIER,
  FIELD_INVALID,
  FIELD_MASK,
  FIELD_OBS_TEXT,
} from "./field-facts.ts";

/** What RFC 9113 8.2.1 and 8.3.1 say of values, character by character. */
const RULES: { readonly [name: string]: RegExp } = {
  ":method": /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/,
  ":protocol": /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/,
  ":scheme": /^[A-Za-z][A-Za-z0-9+.-]*$/,
  ":authority": /^[A-Za-z0-9._~!$&'()*+,;=%:[\]-]+$/,
  ":path": /^[^\0-\x20\x7f]+$/,
  ":status": /^[1-9][0-9]{2}$/,
  "content-length": /^[0-9]{1,15}$/,
  cookie: /^(?:(?![ \t])[^\0-\x08\x0a-\x1f\x7f]*(?<![ \t]))?$/,
  "x-own": /^(?:(?![ \t])[^\0-\x08\x0a-\x1f\x7f]*(?<![ \t]))?$/,
};

const octets = fc.string({
  unit: fc.oneof(
    fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
    fc.constantFrom(..."\t \x7f\x80\xffaZ09/:@+-_.".split("")),
  ),
  maxLength: 12,
});

describe("what a field is", () => {
  for (const [name, rule] of Object.entries(RULES)) {
    it(`${name}: valid as the rule of its characters says, wherever they stand`, () => {
      const check = (value: string): void => {
        const facts = FIELD_CLASSIFIER.classify(name, value);
        const isValid = rule.test(value);
        assert.equal((facts & FIELD_INVALID) === 0, isValid, JSON.stringify(value));
        if (isValid)
          assert.equal((facts & FIELD_OBS_TEXT) !== 0, /[\x80-\xff]/.test(value), "obs-text");
      };
      const some = { ":scheme": "http", ":status": "200", "content-length": "12" }[name] ?? "/a.b";
      for (let code = 0; code < 256; code++) {
        const char = String.fromCharCode(code);
        for (const value of [char, char + some, some + char, `a${char}b`]) check(value);
      }
      fc.assert(fc.property(octets, check));
    });
  }

  it("the same name is the same field, whatever its value", () => {
    for (const value of ["", "x", "\x80", "\n"]) {
      assert.equal(FIELD_CLASSIFIER.classify(":path", value) & FIELD_MASK, Field.Path);
      assert.equal(
        FIELD_CLASSIFIER.classify("upgrade", value) & FIELD_MASK,
        Field.ConnectionSpecific,
      );
    }
  });
});
