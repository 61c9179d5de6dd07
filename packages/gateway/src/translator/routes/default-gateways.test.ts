import assert from "node:assert/strict";
import { test } from "node:test";
import type { Resource } from "../../resources/object.ts";
import { testGateway, testRoute } from "../../testing/test-objects.ts";
import { routeFixture } from "../testing/translate-routes.ts";

function gateway(name: string, defaultScope: string): Resource {
  const web = testGateway([{ name: "http", port: 80, protocol: "HTTP" }], { defaultScope });
  return { ...web, metadata: { ...web.metadata, name } };
}

function asking(name: string): Resource {
  const { spec, ...route } = testRoute(name, []) as Resource & { readonly spec: object };
  return { ...route, spec: { ...spec, useDefaultGateways: "All" } } as Resource;
}

test("a Gateway that becomes a default one claims the routes that ask, and only those are looked at", () => {
  const fixture = routeFixture();
  const parents = (name: string) =>
    fixture.routes.routes.peek(`HTTPRoute/infra/${name}`)?.parents.map(({ gateway: key }) => key);
  fixture.put(gateway("a", "All"), gateway("b", "None"), asking("asks"), testRoute("named", ["x"]));
  fixture.order.settle();
  assert.deepEqual([parents("asks"), parents("named")], [["infra/a"], []]);

  const before = fixture.order.counts()["route claims"]!;
  fixture.put(gateway("b", "All"));
  fixture.order.settle();
  assert.deepEqual(parents("asks"), ["infra/a", "infra/b"]);
  assert.equal(fixture.order.counts()["route claims"]! - before, 1);

  fixture.gateways.delete("infra/a");
  fixture.gateways.delete("infra/b");
  fixture.order.settle();
  assert.deepEqual(parents("asks"), []);
});
