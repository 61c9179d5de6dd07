import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { PrefixTrie } from "./prefix-trie.ts";

function groupsOf(trie: PrefixTrie, path: string): (readonly number[])[] {
  const groups: (readonly number[])[] = [];
  trie.start(path);
  for (let group = trie.next(); group !== null; group = trie.next()) groups.push(group);
  return groups;
}

void test("a walk visits the prefixes of a path, shortest first", () => {
  const trie = new PrefixTrie();
  for (const [route, prefix] of ["/api", "/", "/api/v1", "/apx", "/api", ""].entries())
    trie.add(prefix, route);
  assert.deepEqual(groupsOf(trie, "/api/v1/x"), [[5], [1], [0, 4], [2]]);
  assert.deepEqual(groupsOf(trie, "/ap"), [[5], [1]]);
  assert.deepEqual(groupsOf(trie, "*"), [[5]]);
});

void test("a walk finds exactly the prefixes that a path begins with", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", "/", "\xff"), maxLength: 6 });
  fc.assert(
    fc.property(fc.array(text, { maxLength: 20 }), text, (prefixes, path) => {
      const trie = new PrefixTrie();
      for (const [route, prefix] of prefixes.entries()) trie.add(prefix, route);
      const found = groupsOf(trie, path)
        .flat()
        .toSorted((a, b) => a - b);
      const expected = [...prefixes.keys()].filter((route) => path.startsWith(prefixes[route]!));
      assert.deepEqual(found, expected);
    }),
  );
});
