import assert from "node:assert/strict";
import { test } from "node:test";
import { HeaderMap } from "@nuncio/codec";
import type { HeaderValueExtractorConfig } from "./model.ts";
import { scopeKey, scopeKeyOf } from "./scope-key.ts";

function keyOf(value: string | null, ...extractors: HeaderValueExtractorConfig[]): string | null {
  const headers = new HeaderMap();
  headers.method = "GET";
  headers.path = "/a/b";
  headers.authority = "a.test";
  if (value !== null) headers.add("x-scope", value);
  return scopeKeyOf(headers, extractors);
}

function index(header: string, elementSeparator: string, at: number): HeaderValueExtractorConfig {
  return { header, elementSeparator, pick: { kind: "index", index: at } };
}

function element(elementSeparator: string, separator: string): HeaderValueExtractorConfig {
  return { header: "x-scope", elementSeparator, pick: { kind: "element", separator, key: "k" } };
}

void test("without a separator the whole value is the fragment", () => {
  assert.equal(keyOf("a,b", index("x-scope", "", 0)), "a,b");
  assert.equal(keyOf("", index("x-scope", "", 0)), "");
  assert.equal(keyOf(null, index("x-scope", "", 0)), null);
});

void test("elements are counted from 0, and one that is not there makes no key", () => {
  const text = "a::b::";
  assert.equal(keyOf(text, index("x-scope", "::", 0)), "a");
  assert.equal(keyOf(text, index("x-scope", "::", 1)), "b");
  assert.equal(keyOf(text, index("x-scope", "::", 2)), "");
  assert.equal(keyOf(text, index("x-scope", "::", 3)), null);
});

void test("the first element of a key gives its value, all that follows the separator", () => {
  assert.equal(keyOf("j=b,k=a=c,k=d", element(",", "=")), "a=c");
  assert.equal(keyOf("k,k=d", element(",", "=")), "");
  assert.equal(keyOf("k=,x", element(",", "=")), "");
  assert.equal(keyOf("kk=a", element(",", "=")), null);
  assert.equal(keyOf("j,k:>a", element(",", ":>")), "a");
  assert.equal(keyOf("k=a,b", element("", "=")), "a,b");
  assert.equal(keyOf("j,a=k", element(",", "=")), null);
});

void test("pseudo headers are headers, and fragments do not run into each other", () => {
  const both = [index(":path", "/", 1), index(":authority", ".", 1)];
  assert.equal(keyOf(null, ...both), scopeKey(["a", "test"]));
  assert.notEqual(scopeKey(["a", "b"]), scopeKey(["ab", ""]));
  assert.equal(
    keyOf(null, index(":method", "", 0), index("host", "", 0)),
    scopeKey(["GET", "a.test"]),
  );
});
