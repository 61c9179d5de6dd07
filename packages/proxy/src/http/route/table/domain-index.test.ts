import assert from "node:assert/strict";
import { test } from "node:test";
import { DomainIndex } from "./domain-index.ts";

function index(ignorePort: boolean, ...domains: readonly string[]): DomainIndex<string> {
  const built = new DomainIndex<string>(ignorePort);
  for (const domain of domains) built.add(domain, domain);
  return built;
}

const DOMAINS = [
  "foo.com",
  "[::1]",
  "*.foo.com",
  "*-bar.foo.com",
  "foo.*",
  "*",
  "p.com:8080",
  "upper.com",
  "a.*.com",
  "*x.*",
  "abc:*",
  "abc*",
  "1.2.3.4",
  "*:80",
];

// Every row was seen on Envoy 1.40: host, domain, and domain with ignore_port_in_host_matching.
const SEEN: readonly (readonly [host: string, domain: string, ignoringPort: string])[] = [
  ["foo.com", "foo.com", "foo.com"],
  ["FOO.com", "foo.com", "foo.com"],
  ["foo.com:80", "*:80", "foo.com"],
  ["a.foo.com", "*.foo.com", "*.foo.com"],
  [".foo.com", "*", "*"],
  ["x-bar.foo.com", "*-bar.foo.com", "*-bar.foo.com"],
  ["-bar.foo.com", "*.foo.com", "*.foo.com"],
  ["foo.org", "foo.*", "foo.*"],
  ["foo.", "*", "*"],
  ["zzz", "*", "*"],
  ["", "*", "*"],
  ["[::1]", "[::1]", "[::1]"],
  ["[::1]:80", "*:80", "[::1]"],
  ["p.com:8080", "p.com:8080", "*"],
  ["p.com", "*", "*"],
  ["UPPER.com", "upper.com", "upper.com"],
  ["a.*.com", "a.*.com", "a.*.com"],
  ["a.b.com", "*", "*"],
  ["x.y", "*", "*"],
  ["1.2.3.4:99", "*", "1.2.3.4"],
  ["abc:80", "*:80", "*"],
  ["abcd", "abc*", "abc*"],
  ["foo.com.", "foo.*", "foo.*"],
  ["*.foo.com", "*.foo.com", "*.foo.com"],
];

void test("a host finds its exact domain, the longest suffix, the longest prefix, or the default", () => {
  const plain = index(false, ...DOMAINS);
  const ignoring = index(true, ...DOMAINS);
  for (const [host, domain, ignoringPort] of SEEN) {
    assert.equal(plain.find(host), domain, host);
    assert.equal(ignoring.find(host), ignoringPort, host);
  }
});

void test("without a default, other hosts find nothing; whatever is behind the last colon is a port", () => {
  const plain = index(false, "foo.com");
  for (const host of ["bar.com", "", "foo.com:1"]) assert.equal(plain.find(host), null, host);
  const ignoring = index(true, "foo.com");
  for (const host of ["foo.com:1", "foo.com:", "foo.com:abc"])
    assert.equal(ignoring.find(host), "foo.com", host);
});

test("what is deleted is found no more, and with the last domain the choice is gone", () => {
  const domains = ["a.com", "*.a.com", "*.b.com", "a.*"];
  const built = index(false, "*", ...domains);
  assert.equal(built.find(undefined), null);
  for (const domain of domains) {
    const host = domain.replace("*", "x");
    assert.equal(built.find(host), domain);
    built.delete(domain);
    assert.notEqual(built.find(host), domain);
  }
  assert.equal(built.find("x.a.com"), "*");
  assert.equal(built.find(undefined), "*");
  built.delete("*");
  assert.equal(built.find("a.com"), null);
  built.add("*.a.com", "again");
  assert.equal(built.find("x.a.com"), "again");
});
