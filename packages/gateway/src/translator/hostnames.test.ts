import assert from "node:assert/strict";
import { test } from "node:test";
import { covers, domainOf, intersection, widerDomains } from "./hostnames.ts";

test("a domain that is not named is all of them", () => {
  assert.equal(domainOf(undefined), "*");
  assert.equal(domainOf(""), "*");
  assert.equal(domainOf("A.Example.COM"), "a.example.com");
});

test("a wildcard covers all labels below, and not the name itself", () => {
  for (const [wide, narrow, expected] of [
    ["*", "a.com", true],
    ["*", "*.a.com", true],
    ["*.example.com", "a.example.com", true],
    ["*.example.com", "a.b.example.com", true],
    ["*.example.com", "*.b.example.com", true],
    ["*.example.com", "*.example.com", true],
    ["*.example.com", "example.com", false],
    ["*.example.com", "badexample.com", false],
    ["*.b.example.com", "*.example.com", false],
    ["a.example.com", "*.example.com", false],
    ["a.example.com", "a.example.com", true],
  ] as const) {
    assert.equal(covers(wide, narrow), expected, `${wide} ${narrow}`);
  }
});

test("what two domains have in common is the narrower one", () => {
  for (const [a, b, expected] of [
    ["*", "*", "*"],
    ["*", "a.com", "a.com"],
    ["*.example.com", "a.example.com", "a.example.com"],
    ["*.example.com", "*.b.example.com", "*.b.example.com"],
    ["a.example.com", "b.example.com", undefined],
    ["*.example.com", "example.com", undefined],
  ] as const) {
    assert.equal(intersection(a, b), expected);
    assert.equal(intersection(b, a), expected);
  }
});

test("wider domains, the narrowest first", () => {
  assert.deepEqual(widerDomains("a.b.example.com"), [
    "*.b.example.com",
    "*.example.com",
    "*.com",
    "*",
  ]);
  assert.deepEqual(widerDomains("*.example.com"), ["*.com", "*"]);
  assert.deepEqual(widerDomains("host"), ["*"]);
  assert.deepEqual(widerDomains("*"), []);
});
