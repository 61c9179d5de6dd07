import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { HostsFile } from "./hosts-file.ts";
import { candidateNames, parseSearchConfig } from "./search-domains.ts";

void test("the hosts file: aliases, comments, families, and a change", (context) => {
  const folder = mkdtempSync(join(tmpdir(), "hosts-"));
  context.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "hosts");
  writeFileSync(
    path,
    "# comment\n10.0.0.1\tone One.Example # two\n::5 one\nnot-an-ip three\n10.0.0.2 one\n10.0.0.1 one\n",
  );
  let now = 0;
  const hosts = new HostsFile(path, () => now);
  assert.deepEqual(hosts.lookup("ONE", 4), ["10.0.0.1", "10.0.0.2"]);
  assert.deepEqual(hosts.lookup("one", 6), ["::5"]);
  assert.deepEqual(hosts.lookup("one.example.", 4), ["10.0.0.1"]);
  assert.deepEqual(hosts.lookup("two", 4), []);
  assert.deepEqual(hosts.lookup("three", 4), []);
  writeFileSync(path, "10.0.0.33 one\n");
  assert.deepEqual(hosts.lookup("one", 4), ["10.0.0.1", "10.0.0.2"], "looked at once a second");
  now = 1000;
  assert.deepEqual(hosts.lookup("one", 4), ["10.0.0.33"]);
  rmSync(path);
  now = 2000;
  assert.deepEqual(hosts.lookup("one", 4), []);
});

void test("localhost is the loopback even without a hosts file", () => {
  const hosts = new HostsFile("/nonexistent/hosts", () => 0);
  assert.deepEqual(hosts.lookup("localhost", 4), ["127.0.0.1"]);
  assert.deepEqual(hosts.lookup("db.localhost", 6), ["::1"]);
});

void test("resolv.conf: the last search line, ndots, comments", () => {
  const text =
    "nameserver 1.1.1.1\nsearch old.example\n# search no.example\nsearch a.example b.example. . ; c\noptions timeout:1 ndots:5\n";
  assert.deepEqual(parseSearchConfig(text), { domains: ["a.example", "b.example."], ndots: 5 });
  assert.deepEqual(parseSearchConfig("domain d.example e.example"), {
    domains: ["d.example"],
    ndots: 1,
  });
  assert.deepEqual(parseSearchConfig("options ndots:99"), { domains: [], ndots: 15 });
});

void test("names are completed before or after they are tried as they are", () => {
  const search = { domains: ["a.example", "b.example."], ndots: 2 };
  assert.deepEqual(candidateNames("web", search), ["web.a.example", "web.b.example", "web"]);
  assert.deepEqual(candidateNames("web.ns.svc", search), [
    "web.ns.svc",
    "web.ns.svc.a.example",
    "web.ns.svc.b.example",
  ]);
  assert.deepEqual(candidateNames("web.", search), ["web"]);
});
