import assert from "node:assert/strict";
import { once } from "node:events";
import { test, type TestContext } from "node:test";
import tls from "node:tls";
import { startControlPlane, startManagedProxy } from "../../testing/control-plane.ts";
import type { TestProxy } from "../../testing/proxy.ts";
import { turnsUntil } from "../../testing/turns.ts";
import {
  CertificateAuthority,
  type Identity,
} from "../../transport/tls/testing/certificate-authority.ts";

const TLS = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext";
const ECHO = "type.googleapis.com/envoy.extensions.filters.network.echo.v3.Echo";

const LISTENER = `
name: secure
address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
filter_chains:
- transport_socket:
    name: tls
    typed_config:
      "@type": ${TLS}
      common_tls_context:
        tls_certificate_sds_secret_configs:
        - name: pair
          sds_config: { resource_api_version: V3, ads: {} }
  filters: [{ name: echo, typed_config: { "@type": ${ECHO} } }]`;

function secret({ chain, key }: Identity): string {
  return JSON.stringify({
    name: "pair",
    tls_certificate: {
      certificate_chain: { inline_string: chain },
      private_key: { inline_string: key },
    },
  });
}

async function nameSeenAt(t: TestContext, port: number): Promise<string> {
  const socket = tls.connect({ port, host: "127.0.0.1", rejectUnauthorized: false });
  t.after(() => socket.destroy());
  await once(socket, "secureConnect");
  return socket.getPeerCertificate().subject.CN as string;
}

test("certificates come by SDS, change, and a bad one leaves the good one in use", async (t) => {
  const authority = await CertificateAuthority.create();
  const [one, two] = [
    await authority.issue({ subject: "one" }),
    await authority.issue({ subject: "two" }),
  ];
  const plane = await startControlPlane(t);
  plane.set({ LDS: [LISTENER], SDS: [secret(one)] });
  const proxy = await startManagedProxy(t, plane, "DELTA_GRPC");
  const port = proxy.port("secure");
  assert.equal(await nameSeenAt(t, port), "one");
  plane.set({ LDS: [LISTENER], SDS: [secret(two)] });
  await turnsUntil(() => proxy.stat("sds.pair.update_success") === 2);
  assert.equal(await nameSeenAt(t, port), "two");
  plane.set({ LDS: [LISTENER], SDS: [secret({ ...one, key: two.key })] });
  await turnsUntil(() => proxy.stat("sds.pair.update_rejected") === 1);
  assert.equal(await nameSeenAt(t, port), "two");
  const types = proxy.controlPlanes().sources.flatMap((source) => source.types);
  const bad = types.flatMap(({ resources }) => resources).find(({ name }) => name === "pair");
  assert.match(bad!.error!.message, /private key/i);
});

test("a listener waits for its certificate", async (t) => {
  const authority = await CertificateAuthority.create();
  const plane = await startControlPlane(t);
  plane.set({});
  const proxy = await startManagedProxy(t, plane, "DELTA_GRPC");
  plane.set({ LDS: [LISTENER] });
  await turnsUntil(() => waitsFor(proxy) !== null);
  assert.equal(waitsFor(proxy), "secret 'pair'");
  assert.deepEqual(proxy.ports("secure"), []);
  plane.set({ LDS: [LISTENER], SDS: [secret(await authority.issue({ subject: "late" }))] });
  await turnsUntil(() => proxy.ports("secure").length > 0);
  assert.equal(await nameSeenAt(t, proxy.port("secure")), "late");
});

test("a connection goes on when its secret changes and the listener comes again", async (t) => {
  const authority = await CertificateAuthority.create();
  const [one, two] = [
    await authority.issue({ subject: "one" }),
    await authority.issue({ subject: "two" }),
  ];
  const plane = await startControlPlane(t);
  plane.set({ LDS: [LISTENER], SDS: [secret(one)] });
  const proxy = await startManagedProxy(t, plane, "DELTA_GRPC");
  const socket = tls.connect({
    port: proxy.port("secure"),
    host: "127.0.0.1",
    rejectUnauthorized: false,
  });
  t.after(() => socket.destroy());
  await once(socket, "secureConnect");
  plane.set({ LDS: [LISTENER], SDS: [secret(two)] });
  await turnsUntil(() => proxy.stat("sds.pair.update_success") === 2);
  plane.set({
    LDS: [`${LISTENER}\nmetadata: { filter_metadata: { a: { b: c } } }`],
    SDS: [secret(two)],
  });
  await turnsUntil(() => proxy.stat("listener_manager.listener_modified") === 1);
  assert.equal(proxy.stat("listener_manager.total_filter_chains_draining") ?? 0, 0);
  socket.write("still here");
  const [echo] = (await once(socket, "data")) as [Buffer];
  assert.equal(echo.toString(), "still here");
  assert.equal(await nameSeenAt(t, proxy.port("secure")), "two");
});

function waitsFor(proxy: TestProxy): string | null {
  const types = proxy.controlPlanes().sources.flatMap((source) => source.types);
  return (
    types.flatMap(({ resources }) => resources).find(({ name }) => name === "secure")?.waitsFor ??
    null
  );
}
