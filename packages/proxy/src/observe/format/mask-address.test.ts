import assert from "node:assert/strict";
import { test } from "node:test";
import { maskAddress } from "./mask-address.ts";

void test("addresses are masked and printed with their prefix", () => {
  const cases: readonly (readonly [ip: string, bits: number, text: string | null])[] = [
    ["10.1.10.23", 16, "10.1.0.0/16"],
    ["10.1.10.23", 20, "10.1.0.0/20"],
    ["10.1.10.23", 0, "0.0.0.0/0"],
    ["255.255.255.255", 31, "255.255.255.254/31"],
    ["10.1.10.23", 33, "10.1.10.23/32"],
    ["2001:db8:1234:5678:9abc:def0:1234:5678", 64, "2001:db8:1234:5678::/64"],
    ["2001:db8::1", 128, "2001:db8::1/128"],
    ["2001:db8::1", 999, "2001:db8::1/128"],
    ["::1", 127, "::/127"],
    ["1:0:0:2:0:0:0:3", 128, "1:0:0:2::3/128"],
    ["1:0:2:0:3:0:4:0", 128, "1:0:2:0:3:0:4:0/128"],
    ["::ffff:1.2.3.4", 112, "::ffff:102:0/112"],
    ["fe80::1%eth0", 64, "fe80::/64"],
    ["/run/socket", 8, null],
  ];
  for (const [ip, bits, text] of cases) assert.equal(maskAddress(ip, bits), text, `${ip}/${bits}`);
});
