import assert from "node:assert/strict";
import { test } from "node:test";
import { SESSION_PEERS_MAX, SessionCache } from "./session-cache.ts";

void test("the newest sessions of a peer are kept, each until it is used", () => {
  const cache = new SessionCache(2);
  const [first, second, third] = [Buffer.of(1), Buffer.of(2), Buffer.of(3)];
  for (const session of [first, second, third]) cache.add("a", session);
  assert.equal(cache.newest("a"), third);
  cache.remove("a", third);
  cache.remove("a", first);
  assert.equal(cache.newest("a"), second);
  cache.remove("a", second);
  assert.equal(cache.newest("a"), null);
});

void test("when there are too many peers the one that came first is forgotten", () => {
  const cache = new SessionCache(1);
  const session = Buffer.of(1);
  for (let peer = 0; peer <= SESSION_PEERS_MAX; peer++) cache.add(`${peer}`, session);
  assert.equal(cache.newest("0"), null);
  assert.equal(cache.newest("1"), session);
  assert.equal(cache.newest(`${SESSION_PEERS_MAX}`), session);
});
