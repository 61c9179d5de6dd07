import assert from "node:assert/strict";
import {
  encodeCookieValue,
  readCookieValue,
} from "../../../packages/proxy/src/http/filters/stateful-session/cookie-value.ts";
import type { FuzzTarget } from "../target.ts";

const NOW_S = 1_000;

/** The value of a session's cookie, decoded; an address that was read is read again from what is made of it. */
export const sessionCookie: FuzzTarget = {
  name: "session-cookie",
  covers: ["/http/filters/stateful-session/", "/proxy/src/protobuf/"],
  runs: 8_000,
  seeds: ["\x0a\x0b10.0.0.1:80\x10\xe8\x07", "10.0.0.1:80", "\x0a\x01a\x1b\x08\x01\x1c"].map(
    (text) => Buffer.from(text, "latin1"),
  ),
  dictionary: ["\x0a", "\x10\x80\x80\x01", "\x1b", "\x1c", "\x09", "\x0d"].map((text) =>
    Buffer.from(text, "latin1"),
  ),
  run(input) {
    const value = input.toString("latin1");
    const address = readCookieValue(value, NOW_S);
    // A text that is no message stands for itself, and need be no UTF-8.
    if (address === null || address === value) return;
    const again = Buffer.from(encodeCookieValue(address, NOW_S), "base64").toString("latin1");
    assert.equal(readCookieValue(again, NOW_S), address);
  },
};
