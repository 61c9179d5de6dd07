import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { resourceKind } from "../../resources/kinds.ts";
import type { Resource } from "../../resources/object.ts";
import type { FakeEtcd } from "../../testing/etcd/fake-etcd.ts";
import { connected, etcdRig, serviceKey, serviceYaml, startEtcd } from "../../testing/etcd/rig.ts";
import { EtcdObjects } from "./etcd-objects.ts";

const SERVICE = resourceKind("", "Service")!;
const [MONDAY, TUESDAY] = ["2026-01-05T00:00:00Z", "2026-01-06T00:00:00Z"] as const;

function service(name: string, port: number): Resource & { readonly spec: object } {
  const metadata = { name, namespace: "ns" };
  return { apiVersion: "v1", kind: "Service", metadata, spec: { ports: [{ port }] } };
}

async function fixture(
  t: TestContext,
): Promise<{ etcd: FakeEtcd; url: string; objects: EtcdObjects }> {
  const { etcd, url } = await startEtcd(t);
  const objects = new EtcdObjects({ endpoints: [url] });
  t.after(() => objects.close());
  return { etcd, url, objects };
}

test("an object that is put is what a control plane takes, with the time it was made", async (t) => {
  const { etcd, url, objects } = await fixture(t);
  assert.equal(await objects.put(service("a", 80), MONDAY), "created");
  assert.equal(await objects.put(service("a", 80), TUESDAY), "unchanged");
  assert.equal(await objects.put(service("a", 81), TUESDAY), "changed");
  assert.equal(etcd.store.keys.get(serviceKey("a"))?.version, 2n);
  const rig = etcdRig(t, [url]);
  await connected(rig);
  const { metadata } = rig.get("Service", "ns/a")!;
  assert.equal(metadata.creationTimestamp, MONDAY);
  assert.equal(metadata.generation, 2);
});

test("an object that was put there without a time gets none when it is changed", async (t) => {
  const { etcd, url, objects } = await fixture(t);
  etcd.store.put(serviceKey("a"), serviceYaml("a", 1));
  assert.equal(await objects.put(service("a", 80), MONDAY), "changed");
  const rig = etcdRig(t, [url]);
  await connected(rig);
  const { metadata } = rig.get("Service", "ns/a")!;
  assert.equal(metadata.creationTimestamp, undefined);
  assert.equal(metadata.generation, 2);
});

test("what somebody else puts there meanwhile is looked at again", async (t) => {
  const { etcd, objects } = await fixture(t);
  etcd.store.put(serviceKey("a"), serviceYaml("a", 1));
  const apply = etcd.store.apply.bind(etcd.store);
  let isFirst = true;
  const range = etcd.store.range.bind(etcd.store);
  etcd.store.range = (...args) => {
    const found = range(...args);
    if (isFirst) apply([{ key: serviceKey("a") }]);
    isFirst = false;
    return found;
  };
  assert.equal(await objects.put(service("a", 80), MONDAY), "created");
});

test("objects are listed with their statuses, and removed", async (t) => {
  const { etcd, objects } = await fixture(t);
  for (const name of ["a", "b"]) await objects.put(service(name, 80), MONDAY);
  etcd.store.put("/nuncio/resources/core/Servce/ns/a", "of no object");
  etcd.store.put("/nuncio/status/core/Service/ns/a", "{}");
  assert.deepEqual(
    (await objects.list()).map(({ kind, key, status }) => [kind.kind, key, status]),
    [
      ["Service", "ns/a", "{}"],
      ["Service", "ns/b", undefined],
    ],
  );
  assert.equal(await objects.remove({ kind: SERVICE, key: "ns/a" }), true);
  assert.equal(await objects.remove({ kind: SERVICE, key: "ns/a" }), false);
  assert.equal((await objects.list()).length, 1);
});

test("what etcd refuses rejects", async (t) => {
  const { etcd, objects } = await fixture(t);
  etcd.needsToken = true;
  await assert.rejects(objects.list(), /invalid auth token/);
});
