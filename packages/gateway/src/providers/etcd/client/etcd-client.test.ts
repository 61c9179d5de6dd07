import assert from "node:assert/strict";
import { createServer, type AddressInfo } from "node:net";
import { test } from "node:test";
import { FakeEtcd } from "../../../testing/etcd/fake-etcd.ts";
import { testCertificate } from "../../../testing/test-certificates.ts";
import { EtcdClient } from "./etcd-client.ts";
import { etcdErrorText } from "./etcd-error.ts";

test("etcd by TLS: its certificate is checked, and ours is shown", async (t) => {
  const server = await testCertificate(["localhost"]);
  const client = await testCertificate(["client"]);
  const etcd = new FakeEtcd();
  const url = await etcd.listen(0, {
    cert: server.certificate,
    key: server.key,
    ca: client.certificate,
    requestCert: true,
    rejectUnauthorized: true,
  });
  t.after(() => etcd.stop());
  const endpoints = [url.replace("127.0.0.1", "localhost")];
  const open = (tls: object): EtcdClient => {
    const made = new EtcdClient({ endpoints, tls });
    t.after(() => made.close());
    return made;
  };
  etcd.store.put("key", "value");
  const key = Buffer.from("key");
  const ours = { cert: client.certificate, key: client.key };
  const { kvs } = await open({ ca: server.certificate, ...ours }).range({ key });
  assert.equal(kvs.length, 1);
  await assert.rejects(open({ ca: server.certificate }).range({ key }));
  await assert.rejects(open(ours).range({ key }), (error) => {
    assert.match(etcdErrorText(error), /self-signed certificate/);
    return true;
  });
});

test("a certificate that is none is refused at once", () => {
  const endpoints = ["https://localhost:1"];
  assert.throws(() => new EtcdClient({ endpoints, tls: { cert: "no", key: "no" } }));
});

test("a member that does not answer is given up in time", async (t) => {
  const silent = createServer((socket) => socket.on("error", () => {}));
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  t.after(() => silent.close());
  const { port } = silent.address() as AddressInfo;
  const client = new EtcdClient({ endpoints: [`http://127.0.0.1:${port}`], callTimeoutMs: 20 });
  t.after(() => client.close());
  await assert.rejects(client.range({ key: Buffer.from("a") }), (error) => {
    assert.match(etcdErrorText(error), /^DeadlineExceeded: /);
    return true;
  });
  const watch = client.watch({}, new AbortController().signal)[Symbol.asyncIterator]();
  await assert.rejects(watch.next(), /no answer in time/);
});
