import assert from "node:assert/strict";
import { isIPv6 } from "node:net";
import { describe, it } from "node:test";
import { isIpv6Text } from "./ipv6-text.ts";

const PIECES = [
  "::",
  ":",
  "0",
  "f",
  "1234",
  "12345",
  "1.2.3.4",
  "256.1.1.1",
  "01.2.3.4",
  "1.2.3",
  ".",
  "g",
  "",
];

describe("IPv6 addresses in text", () => {
  it("are what Node takes for one", () => {
    const texts = new Set([
      "1:2:3:4:5:6:7:8",
      "1:2:3:4:5:6:7:8:9",
      "1:2:3:4:5:6:7::",
      "1:2:3:4::5:6:7:8",
    ]);
    texts.add("1:2:3:4:5:6:1.2.3.4").add("1:2:3:4:5:6:7:1.2.3.4").add("::1:2:3:4:5:1.2.3.4");
    for (const a of PIECES)
      for (const b of PIECES)
        for (const c of PIECES) for (const d of PIECES) texts.add(`${a}${b}${c}${d}`);
    let valid = 0;
    for (const text of texts) {
      assert.equal(isIpv6Text(text), isIPv6(text), text);
      if (isIPv6(text)) valid++;
    }
    assert.ok(valid > 20 && valid < texts.size / 2);
  });

  it("have no zone", () => {
    assert.equal(isIpv6Text("fe80::1%eth0"), false);
  });
});
