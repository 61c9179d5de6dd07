import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, ConnectError } from "@connectrpc/connect";
import { EtcdStore } from "../../testing/etcd/etcd-store.ts";
import { FakeEtcd } from "../../testing/etcd/fake-etcd.ts";
import { connected, etcdRig, serviceKey, serviceYaml, startEtcd } from "../../testing/etcd/rig.ts";
import { until } from "../../testing/etcd/until.ts";

const LIMIT = { timeout: 20_000 };

test("keys are listed page by page, and followed from there on", LIMIT, async (t) => {
  const { etcd, url } = await startEtcd(t);
  for (const name of ["a", "b", "c", "d", "e"])
    etcd.store.put(serviceKey(name), serviceYaml(name, 80));
  const rig = etcdRig(t, [url], { pageKeys: 2 });
  await connected(rig);
  assert.deepEqual(rig.objects("Service"), ["ns/a 1", "ns/b 1", "ns/c 1", "ns/d 1", "ns/e 1"]);
  assert.equal(etcd.calls.filter((call) => call === "range").length, 3);
  assert.equal(rig.changes(), 1);
  assert.ok(etcd.watchNeedsLeader);

  etcd.store.apply([
    { key: serviceKey("a"), value: Buffer.from(serviceYaml("a", 81)) },
    { key: serviceKey("b") },
    { key: serviceKey("f"), value: Buffer.from(serviceYaml("f", 80)) },
  ]);
  await until(() => rig.changes() === 2);
  assert.deepEqual(rig.objects("Service"), ["ns/a 2", "ns/c 1", "ns/d 1", "ns/e 1", "ns/f 1"]);
});

test("JSON is read as YAML is, tabs included", LIMIT, async (t) => {
  const { etcd, url } = await startEtcd(t);
  for (const name of ["a.json", "a.yaml"]) {
    const map = { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: "ns" } };
    const key = `/nuncio/resources/core/ConfigMap/ns/${name}`;
    etcd.store.put(key, JSON.stringify(map, null, "\t"));
  }
  const rig = etcdRig(t, [url]);
  await connected(rig);
  assert.deepEqual(rig.objects("ConfigMap"), ["ns/a.json 1", "ns/a.yaml 1"], rig.log.join());
});

test(
  "an object has the revision in which its key was made, until it is made anew",
  LIMIT,
  async (t) => {
    const { etcd, url } = await startEtcd(t);
    const put = (name: string, port: number) =>
      etcd.store.put(serviceKey(name), serviceYaml(name, port));
    put("b", 80);
    put("a", 80);
    put("b", 81);
    const rig = etcdRig(t, [url]);
    await connected(rig);
    const revision = (name: string): number =>
      rig.get("Service", `ns/${name}`)!.metadata.createRevision!;
    const [a, b] = [revision("a"), revision("b")];
    assert.ok(b < a);
    const isGone = () => rig.objects("Service").length === 1;
    etcd.store.apply([{ key: serviceKey("b") }]);
    await until(isGone);
    put("b", 82);
    await until(() => !isGone());
    assert.ok(revision("b") > a);
    assert.equal(revision("a"), a);
  },
);

test("a bad value is told by its key, and leaves the last good one", LIMIT, async (t) => {
  const { etcd, url } = await startEtcd(t);
  const rig = etcdRig(t, [url], { valueBytesMax: 200 });
  etcd.store.put(serviceKey("a"), serviceYaml("a", 80));
  await connected(rig);
  const good = rig.get("Service", "ns/a");
  const bad: [value: string, problem: RegExp][] = [
    ["half: [written", /^\/nuncio\/resources\/core\/Service\/ns\/a:1:\d+/],
    [serviceYaml("a", 99_999), /ns\/a:1:\d+ Service ns\/a: spec\.ports\[0\]\.port: expected/],
    [serviceYaml("b", 80), /expected Service ns\/a as the key says, got Service ns\/b$/],
    ["", /ns\/a: expected one object, got none$/],
    [`${serviceYaml("a", 1)}\n---\n${serviceYaml("a", 2)}`, /ns\/a: expected one object, got 2$/],
    [serviceYaml("a", 80).padEnd(201), /ns\/a: expected at most 200 bytes, got 201$/],
  ];
  for (const [value, problem] of bad) {
    rig.log.length = 0;
    etcd.store.put(serviceKey("a"), value);
    await until(() => rig.log.length > 0);
    assert.match(rig.log.join("\n"), problem);
    assert.equal(rig.get("Service", "ns/a"), good);
  }
  etcd.store.put(serviceKey("a"), serviceYaml("a", 81).padEnd(200));
  await until(() => rig.get("Service", "ns/a") !== good);
  // All values were changes of the key.
  assert.deepEqual(rig.objects("Service"), ["ns/a 8"]);
});

test("a key that is of no object is told", LIMIT, async (t) => {
  const { etcd, url } = await startEtcd(t);
  etcd.store.put("/nuncio/resources/core/Servce/ns/a", serviceYaml("a", 80));
  etcd.store.put("/nuncio/resources/core/Service/a", serviceYaml("a", 80));
  const rig = etcdRig(t, [url]);
  await connected(rig);
  assert.match(rig.log.join("\n"), /Servce\/ns\/a: no kind Servce of group core is read/);
  assert.match(
    rig.log.join("\n"),
    /Service\/a: expected core\/Service\/<namespace>\/<name> behind \/nuncio\/resources\//,
  );
});

test("without etcd all goes on, and a watch goes on where it was", LIMIT, async (t) => {
  const { etcd, url } = await startEtcd(t);
  etcd.store.put(serviceKey("a"), serviceYaml("a", 80));
  const rig = etcdRig(t, [url]);
  await connected(rig);
  await etcd.stop();
  await until(() => rig.log.some((line) => line.startsWith("disconnected: ")));
  assert.deepEqual(rig.objects("Service"), ["ns/a 1"]);
  etcd.store.put(serviceKey("b"), serviceYaml("b", 80));
  etcd.store.remove(serviceKey("a"));
  etcd.calls.length = 0;
  await etcd.listen(Number(new URL(url).port));
  await until(() => rig.log.at(-1) === "connected" && rig.changes() > 1);
  assert.deepEqual(rig.objects("Service"), ["ns/b 1"]);
  assert.ok(!etcd.calls.includes("range"), "nothing is listed again");
});

test("why there is no connection is told once, however often it is tried", LIMIT, async (t) => {
  const { etcd, url } = await startEtcd(t);
  etcd.failures.set("range", new ConnectError("etcdserver: no leader", Code.Unavailable));
  const rig = etcdRig(t, [url]);
  void rig.providers.start();
  await until(() => etcd.calls.length > 3);
  assert.deepEqual(rig.log, ["disconnected: Unavailable: etcdserver: no leader"]);
});

test("nothing begins before etcd has answered", LIMIT, async (t) => {
  const { etcd, url } = await startEtcd(t);
  await etcd.stop();
  etcd.store.put(serviceKey("a"), serviceYaml("a", 80));
  const rig = etcdRig(t, [url]);
  const started = rig.providers.start();
  await until(() => rig.log.some((line) => line.startsWith("disconnected: ")));
  assert.equal(rig.changes(), 0);
  await etcd.listen(Number(new URL(url).port));
  await started;
  assert.deepEqual(rig.objects("Service"), ["ns/a 1"]);
});

test("what compaction has taken is found by listing again", LIMIT, async (t) => {
  const { etcd, url } = await startEtcd(t);
  for (const name of ["a", "b"]) etcd.store.put(serviceKey(name), serviceYaml(name, 80));
  const rig = etcdRig(t, [url]);
  await connected(rig);
  const b = rig.get("Service", "ns/b");
  await etcd.stop();
  etcd.store.remove(serviceKey("a"));
  etcd.store.put(serviceKey("c"), serviceYaml("c", 80));
  etcd.store.compact();
  await etcd.listen(Number(new URL(url).port));
  await until(() => rig.changes() > 1);
  assert.deepEqual(rig.objects("Service"), ["ns/b 1", "ns/c 1"]);
  assert.equal(rig.get("Service", "ns/b"), b, "what is the same is not read again");
});

test("another store at the same place is listed", LIMIT, async (t) => {
  const { etcd, url } = await startEtcd(t);
  for (const name of ["a", "b"]) etcd.store.put(serviceKey(name), serviceYaml(name, 80));
  const rig = etcdRig(t, [url]);
  await connected(rig);
  await etcd.stop();
  const other = new FakeEtcd(new EtcdStore(8n));
  t.after(() => other.stop());
  for (const name of ["c", "d", "e"]) other.store.put(serviceKey(name), serviceYaml(name, 80));
  await other.listen(Number(new URL(url).port));
  await until(() => rig.changes() > 1);
  assert.deepEqual(rig.objects("Service"), ["ns/c 1", "ns/d 1", "ns/e 1"]);
});

test("a store of before, as from a backup, is listed", LIMIT, async (t) => {
  const { etcd, url } = await startEtcd(t);
  for (const name of ["a", "b", "c"]) etcd.store.put(serviceKey(name), serviceYaml(name, 80));
  const rig = etcdRig(t, [url]);
  await connected(rig);
  await etcd.stop();
  const backup = new FakeEtcd();
  t.after(() => backup.stop());
  backup.store.put(serviceKey("a"), serviceYaml("a", 80));
  await backup.listen(Number(new URL(url).port));
  await until(() => rig.changes() > 1);
  assert.deepEqual(rig.objects("Service"), ["ns/a 1"]);
});

test("keys beyond the limit are left out until there is room", LIMIT, async (t) => {
  const { etcd, url } = await startEtcd(t);
  for (const name of ["a", "b", "c"]) etcd.store.put(serviceKey(name), serviceYaml(name, 80));
  const rig = etcdRig(t, [url], { keysMax: 2 });
  await connected(rig);
  assert.deepEqual(rig.objects("Service"), ["ns/a 1", "ns/b 1"]);
  assert.ok(
    rig.log.includes("/nuncio/resources/: expected at most 2 keys, 1 more are left out"),
    rig.log.join("\n"),
  );
  etcd.store.remove(serviceKey("a"));
  await until(() => rig.objects("Service").length === 2 && rig.changes() > 1);
  await until(() => rig.objects("Service").includes("ns/c 1"));
});

test("when a member is gone the next one is asked", LIMIT, async (t) => {
  const { etcd, url } = await startEtcd(t);
  const second = new FakeEtcd(etcd.store);
  const secondUrl = await second.listen();
  t.after(() => second.stop());
  etcd.store.put(serviceKey("a"), serviceYaml("a", 80));
  const rig = etcdRig(t, [url, secondUrl]);
  await connected(rig);
  await etcd.stop();
  rig.log.length = 0;
  await until(() => rig.log.includes("connected"));
  etcd.store.put(serviceKey("b"), serviceYaml("b", 80));
  await until(() => rig.objects("Service").length === 2);
});

test("a user has a token, and another one when it ends", LIMIT, async (t) => {
  const { etcd, url } = await startEtcd(t);
  etcd.needsToken = true;
  etcd.store.put(serviceKey("a"), serviceYaml("a", 80));
  const rig = etcdRig(t, [url], { user: { name: "reader", password: "secret" } });
  await connected(rig);
  assert.deepEqual(rig.objects("Service"), ["ns/a 1"]);
  etcd.endTokens();
  await etcd.stop();
  etcd.store.put(serviceKey("b"), serviceYaml("b", 80));
  await etcd.listen(Number(new URL(url).port));
  await until(() => rig.objects("Service").length === 2);
});

test("a wrong password is told in etcd's words", LIMIT, async (t) => {
  const { url } = await startEtcd(t);
  const rig = etcdRig(t, [url], { user: { name: "reader", password: "wrong" } });
  void rig.providers.start();
  await until(() => rig.log.length > 0);
  assert.match(rig.log.join("\n"), /InvalidArgument: etcdserver: authentication failed/);
});

test("a response above the limit is told", LIMIT, async (t) => {
  const { etcd, url } = await startEtcd(t);
  etcd.store.put(serviceKey("a"), serviceYaml("a", 80));
  const rig = etcdRig(t, [url], { responseBytesMax: 100 });
  void rig.providers.start();
  await until(() => rig.log.length > 0);
  assert.match(rig.log.join("\n"), /disconnected: .*ResourceExhausted: .*100/);
});

test("a call that is refused is tried again", LIMIT, async (t) => {
  const { etcd, url } = await startEtcd(t);
  etcd.failures.set("range", new ConnectError("etcdserver: no leader", Code.Unavailable));
  const rig = etcdRig(t, [url]);
  void rig.providers.start();
  await until(() => rig.log.some((line) => line.includes("etcdserver: no leader")));
  etcd.failures.clear();
  await until(() => rig.log.includes("connected"));
});

test("an endpoint that is no URL is refused at once", (t) => {
  assert.throws(
    () => etcdRig(t, ["localhost:2379"]),
    /expected a URL such as .*, got "localhost:2379"/,
  );
  assert.throws(() => etcdRig(t, []), /expected an endpoint of etcd, got none/);
});
