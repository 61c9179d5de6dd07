import assert from "node:assert/strict";
import { test } from "node:test";
import { xfccValue } from "./xfcc.ts";

void test("a value of x-forwarded-client-cert is found as Envoy finds it", () => {
  const found: readonly (readonly [header: string, key: string, value: string | null])[] = [
    ["By=1, URI=2;Hash=h", "uri", "2"],
    ["uri=a", "uri", "a"],
    ["URI=a;URI=b", "uri", "a"],
    ["URI", "uri", ""],
    [" URI = a ; DNS = d ", "dns", "d"],
    ["URI=a;;DNS=d", "dns", "d"],
    ['Subject="CN=x;O=y, Z";URI=u', "subject", "CN=x;O=y, Z"],
    ['Subject="CN=x;O=y, Z";URI=u', "uri", "u"],
    ['URI="a\\"b\\\\c\\nd"', "uri", 'a"b\\c\\nd'],
    ['URI=a"b"c', "uri", 'a"b"c'],
    ['URI="a', "uri", null],
    ["URI=a=b", "uri", "a=b"],
    ["By=1", "uri", null],
  ];
  for (const [header, key, value] of found) assert.equal(xfccValue(header, key), value, header);
});
