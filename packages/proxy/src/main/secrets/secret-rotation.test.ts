import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { connect, type TLSSocket } from "node:tls";
import { startProxy, type TestProxy } from "../../testing/proxy.ts";
import { CertificateAuthority } from "../../transport/tls/testing/certificate-authority.ts";

/** A folder that goes with the test. */
function tempFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "rotation-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** A proxy that answers 200 over TLS; `common` is its CommonTlsContext. */
async function start(t: TestContext, common: string): Promise<TestProxy> {
  const proxy = await startProxy(`
node: { id: me, cluster: here }
static_resources:
  listeners:
  - name: l
    stat_prefix: l
    address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
    filter_chains:
    - transport_socket:
        name: tls
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext
          common_tls_context: ${common}
      filters:
      - name: http
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: h
          route_config: { virtual_hosts: [ { name: v, domains: ["*"], routes: [ { match: { prefix: / }, direct_response: { status: 200 } } ] } ] }
          http_filters: [ { name: router, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } } ]
`);
  t.after(() => proxy.close());
  return proxy;
}

/** A connection; resolves to the common name of the proxy's certificate, rejects when there is no handshake. */
function dial(proxy: TestProxy): Promise<{ socket: TLSSocket; name: string }> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port: proxy.port("l"), rejectUnauthorized: false });
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("closed before the handshake")));
    socket.once("secureConnect", () => {
      const subject = socket.getPeerX509Certificate()!.subject;
      resolve({ socket, name: /CN=(.*)/.exec(subject)![1]! });
    });
  });
}

/** One request on a connection; the status line. */
function request(socket: TLSSocket): Promise<string> {
  return new Promise((resolve, reject) => {
    socket.removeAllListeners("close");
    socket.once("data", (data: Buffer) => resolve(data.toString().split("\r\n")[0]!));
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("closed before the response")));
    socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  });
}

/** Dials until the certificate is the one of that name. */
async function until(proxy: TestProxy, name: string): Promise<void> {
  for (;;) {
    const connection = await dial(proxy);
    connection.socket.destroy();
    if (connection.name === name) return;
  }
}

const OK = "HTTP/1.1 200 OK";
const STAT = "listener.l.server_ssl_socket_factory.ssl_context_update_by_sds";

void test("certificates that change under load: no request fails", async (t) => {
  const folder = tempFolder(t);
  const ca = await CertificateAuthority.create();
  // As Kubernetes does: files are links into a folder, which is a link that is replaced.
  const put = async (name: string): Promise<void> => {
    const leaf = await ca.issue({ subject: name });
    mkdirSync(join(folder, `..${name}`));
    writeFileSync(join(folder, `..${name}`, "tls.crt"), leaf.chain);
    writeFileSync(join(folder, `..${name}`, "tls.key"), leaf.key);
    symlinkSync(`..${name}`, join(folder, "..data_tmp"));
    renameSync(join(folder, "..data_tmp"), join(folder, "..data"));
  };
  await put("v0");
  for (const file of ["tls.crt", "tls.key"]) symlinkSync(join("..data", file), join(folder, file));
  const proxy = await start(
    t,
    `{ tls_certificates: [ { certificate_chain: { filename: ${folder}/tls.crt }, private_key: { filename: ${folder}/tls.key } } ] }`,
  );
  const old = await dial(proxy);
  let running = true;
  let requests = 0;
  const lane = async (): Promise<void> => {
    while (running) {
      const { socket } = await dial(proxy);
      assert.equal(await request(socket), OK);
      socket.destroy();
      requests++;
    }
  };
  const lanes = [lane(), lane(), lane()];
  for (const name of ["v1", "v2", "v3"]) {
    await put(name);
    await until(proxy, name);
  }
  running = false;
  await Promise.all(lanes);
  assert.ok(requests > 0);
  // A connection of before goes on.
  assert.equal(old.name, "v0");
  assert.equal(await request(old.socket), OK);
  old.socket.destroy();
  assert.equal(proxy.stat(STAT), 3);
  assert.deepEqual(proxy.exceptions, []);
});

void test("a certificate and a key that are written one after the other", async (t) => {
  const folder = tempFolder(t);
  const ca = await CertificateAuthority.create();
  const [first, second] = [
    await ca.issue({ subject: "first" }),
    await ca.issue({ subject: "second" }),
  ];
  writeFileSync(join(folder, "crt"), first.chain);
  writeFileSync(join(folder, "key"), first.key);
  const proxy = await start(
    t,
    `{ tls_certificates: [ { certificate_chain: { filename: ${folder}/crt }, private_key: { filename: ${folder}/key } } ] }`,
  );
  writeFileSync(join(folder, "crt"), second.chain);
  // The pair does not fit: what there was stays, however often it is looked at.
  for (let i = 0; i < 3; i++) {
    const { socket, name } = await dial(proxy);
    socket.destroy();
    assert.equal(name, "first");
  }
  writeFileSync(join(folder, "key"), second.key);
  await until(proxy, "second");
  assert.equal(proxy.stat(STAT), 1);
});

void test("gauges tell the first end of the authorities, and that of the last certificate", async (t) => {
  const folder = tempFolder(t);
  const ending = (seconds: number): { notAfter: Date } => ({ notAfter: new Date(seconds * 1000) });
  const [late, early] = [2_000_000_000, 1_900_000_000];
  const authorities = [
    await CertificateAuthority.create("a", ending(late)),
    await CertificateAuthority.create("b", ending(early)),
    await CertificateAuthority.create("c", ending(late)),
  ];
  writeFileSync(join(folder, "ca"), authorities.map(({ certificate }) => certificate).join(""));
  const certificates: string[] = [];
  for (const [name, seconds] of [
    ["first", early],
    ["second", late],
  ] as const) {
    const leaf = await authorities[0]!.issue(ending(seconds));
    writeFileSync(join(folder, `${name}.crt`), leaf.chain);
    writeFileSync(join(folder, `${name}.key`), leaf.key);
    certificates.push(
      `{ certificate_chain: { filename: ${folder}/${name}.crt }, private_key: { filename: ${folder}/${name}.key } }`,
    );
  }
  const proxy = await start(
    t,
    `{ tls_certificates: [ ${certificates.join()} ], validation_context: { trusted_ca: { filename: ${folder}/ca } } }`,
  );
  const gauge = (name: string): number | undefined =>
    proxy.stat(`listener.l.ssl.certificate.${name}.expiration_unix_time_seconds`);
  assert.equal(gauge("unnamed_ca_cert_e3b0c442"), early);
  assert.equal(gauge("unnamed_cert_e3b0c442"), late);
});

void test("a secret out of a file: missing, then there, then another", async (t) => {
  const folder = tempFolder(t);
  const ca = await CertificateAuthority.create();
  const sds = join(folder, "sds.yaml");
  const put = (text: string): void => {
    writeFileSync(join(folder, "new"), text);
    renameSync(join(folder, "new"), sds);
  };
  const secret = async (name: string): Promise<string> => {
    const leaf = await ca.issue({ subject: name });
    return `
resources:
- "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret
  name: server
  tls_certificate:
    certificate_chain: { inline_string: ${JSON.stringify(leaf.chain)} }
    private_key: { inline_string: ${JSON.stringify(leaf.key)} }
`;
  };
  put("resources: []\n");
  const proxy = await start(
    t,
    `{ tls_certificate_sds_secret_configs: [ { name: server, sds_config: { path_config_source: { path: ${sds} } } } ] }`,
  );
  await assert.rejects(dial(proxy));
  assert.equal(
    proxy.stat("listener.l.server_ssl_socket_factory.downstream_context_secrets_not_ready"),
    1,
  );
  put(await secret("one"));
  while (proxy.stat(STAT) !== 1) await new Promise((resolve) => setImmediate(resolve));
  await until(proxy, "one");
  put("no secret");
  put(await secret("two"));
  await until(proxy, "two");
  const { socket } = await dial(proxy);
  assert.equal(await request(socket), OK);
  socket.destroy();
});
