import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { envoyTypes } from "@nuncio/api";
import type { Node } from "@nuncio/api/types/envoy/config/core/v3/base_pb";
import { typeUrlOf, type TableWatcher } from "@nuncio/xds";
import { StageOrder } from "../incremental/stage-order.ts";
import type { IrVirtualHost } from "../ir/route.ts";
import { pieceTables, type PieceTables } from "../testing/pieces.ts";
import { GatewayCache } from "./gateway-cache.ts";
import { xdsStages } from "./xds-stages.ts";

const VHDS = typeUrlOf("VHDS");

function fixture(groupOf: (gateway: string) => string = (gateway) => gateway): {
  pieces: PieceTables;
  cache: GatewayCache;
  order: StageOrder;
} {
  const pieces = pieceTables();
  const stages = xdsStages(pieces);
  const cache = new GatewayCache(stages, groupOf);
  return { pieces, cache, order: new StageOrder(stages) };
}

function node(cluster: string): Node {
  const desc = envoyTypes().getMessage("envoy.config.core.v3.Node")!;
  return Object.assign(create(desc) as Node, { cluster });
}

function virtualHost(gateway: string, domain: string, statusCode = 200): IrVirtualHost {
  const routeConfig = `${gateway}/80`;
  return {
    name: `${routeConfig}/${domain}`,
    gateway,
    routeConfig,
    domain,
    routes: [
      {
        name: `httproute/default/${domain}/rule/0/match/0`,
        match: { path: { kind: "prefix", value: "/" }, headers: [], queryParams: [] },
        action: { kind: "directResponse", statusCode },
      },
    ],
  };
}

function put(pieces: PieceTables, host: IrVirtualHost): void {
  pieces.virtualHosts.set(host.name, host);
}

test("a data plane is given what its own gateway has, and told of each change once", () => {
  const { pieces, cache, order } = fixture();
  for (let i = 0; i < 100; i++) put(pieces, virtualHost("ns/one", `h${i}`));
  put(pieces, virtualHost("ns/two", "h0"));
  order.settle();
  const table = cache.tableFor(node("ns/one"), VHDS)!;
  assert.equal(table.set?.resources.size, 100);
  const told: string[] = [];
  const watcher: TableWatcher = { changed: (name) => told.push(name), changedAll: () => {} };
  table.watch("ns/one/80", watcher);
  put(pieces, virtualHost("ns/one", "h7", 404));
  put(pieces, virtualHost("ns/two", "h0", 404));
  order.settle();
  assert.deepEqual(told, ["ns/one/80/h7"]);
  assert.equal(order.counts()["xds virtual hosts"], 103);
  pieces.virtualHosts.delete("ns/one/80/h8");
  order.settle();
  assert.deepEqual(told, ["ns/one/80/h7", "ns/one/80/h8"]);
  assert.equal(table.set?.resources.size, 99);
});

test("one data plane may serve all gateways", () => {
  const { pieces, cache, order } = fixture(() => "all");
  put(pieces, virtualHost("ns/one", "a"));
  put(pieces, virtualHost("ns/two", "a"));
  order.settle();
  const names = [...(cache.tableFor(node("all"), VHDS)?.set?.resources.keys() ?? [])];
  assert.deepEqual(names, ["ns/one/80/a", "ns/two/80/a"]);
});

test("a group is there when somebody opened it, or when it has something", () => {
  const { cache } = fixture();
  assert.equal(cache.tableFor(node("ns/one"), VHDS), undefined);
  cache.open("ns/one");
  assert.equal(cache.tableFor(node("ns/one"), VHDS)?.set?.resources.size, 0);
  cache.close("ns/one");
  assert.equal(cache.tableFor(node("ns/one"), VHDS), undefined);
});

test("authorities of the machine are there for whoever asks for secrets", () => {
  const { cache } = fixture();
  cache.open("ns/one");
  const secrets = cache.tableFor(node("ns/one"), typeUrlOf("SDS"))?.set?.resources;
  const [authorities] = secrets?.values() ?? [];
  assert.equal(authorities?.name, "system-authorities");
  assert.match(Buffer.from(authorities.value).toString("latin1"), /BEGIN CERTIFICATE/);
});
