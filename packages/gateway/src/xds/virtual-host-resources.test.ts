import assert from "node:assert/strict";
import { test } from "node:test";
import { Table } from "../incremental/table.ts";
import type { IrRoute, IrVirtualHost } from "../ir/route.ts";
import { encoded } from "./message.ts";
import { VirtualHostResources } from "./virtual-host-resources.ts";
import { virtualHostMessage } from "./virtual-host.ts";

function route(i: number, path = `/${i}`): IrRoute {
  return {
    name: `httproute/ns/r${i}/rule/0/match/0`,
    match: { path: { kind: "exact", value: path }, headers: [], queryParams: [] },
    action: { kind: "directResponse", statusCode: 404 },
  };
}

function host(routes: readonly IrRoute[], domain = "d.test"): IrVirtualHost {
  return { name: "ns/g/80/d.test", gateway: "ns/g", routeConfig: "ns/g/80", domain, routes };
}

const many = Array.from({ length: 1000 }, (_, i) => route(i));

test("a resource is the message of its virtual host, however many routes it has", () => {
  const resources = new VirtualHostResources(new Table("hosts"));
  const states = [host(many), host(many.with(3, route(3, "/x"))), host(many.slice(0, 2))];
  states.push(host(many, "other.test"), host([]));
  for (const state of states) {
    const { name, typeUrl, value } = resources.of(state);
    assert.deepEqual(Buffer.from(value), Buffer.from(encoded(virtualHostMessage(state))));
    assert.equal(name, state.name);
    assert.equal(typeUrl, "type.googleapis.com/envoy.config.route.v3.VirtualHost");
  }
});

test("a changed route leaves most of the pieces as they are, and has another version", () => {
  const hosts = new Table<IrVirtualHost>("hosts");
  hosts.set("ns/g/80/d.test", host(many));
  const resources = new VirtualHostResources(hosts);
  const before = resources.of(host(many));
  const after = resources.of(host(many.with(3, route(3, "/x"))));
  const same = after.pieces!.filter((piece) => before.pieces!.includes(piece));
  assert.equal(same.length, before.pieces!.length - 2);
  assert.notEqual(after.version, before.version);
  // Another server, which never had what was before.
  const other = new VirtualHostResources(new Table("hosts"));
  assert.equal(other.of(host(many)).version, before.version);
  assert.equal(resources.of(host(many)).version, before.version);
  assert.notEqual(resources.of(host(many, "other.test")).version, before.version);
  hosts.delete("ns/g/80/d.test");
  const again = resources.of(host(many));
  assert.ok(again.pieces!.every((piece) => !before.pieces!.includes(piece)));
});
