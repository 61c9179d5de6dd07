import assert from "node:assert/strict";
import { test } from "node:test";
import { SessionTable } from "./session-table.ts";
import type { UdpSession } from "./session.ts";

function session(ip: string, port: number): UdpSession {
  return { ip, port, nextOfPeer: null } as unknown as UdpSession;
}

/** Those of a peer, in order. */
function ofPeer(table: SessionTable, ip: string, port: number): UdpSession[] {
  const found: UdpSession[] = [];
  for (let each = table.first(ip, port); each !== null; each = each.nextOfPeer) found.push(each);
  return found;
}

void test("sessions are found by their peer, as long as they are there", () => {
  const table = new SessionTable();
  const all = [session("10.0.0.1", 1), session("10.0.0.1", 2), session("10.0.0.2", 1)] as const;
  for (const each of all) table.add(each);
  assert.equal(table.first("10.0.0.1", 2), all[1]);
  assert.equal(table.first("10.0.0.2", 2), null);
  table.remove(all[0]);
  assert.equal(table.first("10.0.0.1", 1), null);
  assert.equal(table.first("10.0.0.1", 2), all[1]);
  table.remove(all[1]);
  assert.equal(table.first("10.0.0.1", 2), null);
  assert.deepEqual([...table], [all[2]]);
});

for (const gone of [0, 1, 2]) {
  void test(`of three sessions of one peer number ${gone} goes`, () => {
    const table = new SessionTable();
    const all = [session("a", 1), session("a", 1), session("a", 1)];
    for (const each of all) table.add(each);
    table.remove(all[gone]!);
    assert.deepEqual(new Set(ofPeer(table, "a", 1)), new Set(all.toSpliced(gone, 1)));
  });
}

void test("all may go while they are looked at", () => {
  const table = new SessionTable();
  for (const each of [session("a", 1), session("a", 1), session("a", 2), session("b", 1)])
    table.add(each);
  let count = 0;
  for (const each of table) {
    table.remove(each);
    count++;
  }
  assert.equal(count, 4);
  assert.deepEqual([...table], []);
});
