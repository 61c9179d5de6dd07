import assert from "node:assert/strict";
import { once } from "node:events";
import http2 from "node:http2";
import type net from "node:net";
import { test, type TestContext } from "node:test";
import tls from "node:tls";
import { startProxy, type TestProxy } from "../../testing/proxy.ts";
import { CertificateAuthority, type Identity } from "./testing/certificate-authority.ts";

const TLS = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3";
const FILTERS = "type.googleapis.com/envoy.extensions.filters";

interface Rig {
  readonly proxy: TestProxy;
  readonly authority: CertificateAuthority;
  readonly client: Identity;
  readonly upstreams: tls.TLSSocket[];
}

function inline(pem: string): string {
  return JSON.stringify({ inline_string: pem });
}

/** A client certificate is asked for here and shown there; the request tells in headers what is known of both sides. */
async function start(t: TestContext, routes: string): Promise<Rig> {
  const authority = await CertificateAuthority.create();
  const [server, client, upstream] = await Promise.all(
    ["server", "client", "upstream"].map((subject) =>
      authority.issue({
        subject,
        dnsNames: [`${subject}.example`],
        uris: [`spiffe://a/${subject}`],
      }),
    ),
  );
  const upstreams: tls.TLSSocket[] = [];
  const origin = tls.createServer(
    {
      cert: upstream!.chain,
      key: upstream!.key,
      ca: authority.certificate,
      requestCert: true,
    },
    (socket) => {
      upstreams.push(socket);
      socket.on("error", () => {});
      socket.on("data", (data) => {
        const names = /\r\nx-(?!forwarded|request|envoy)[^\r]*/gu;
        const body = [...String(data).matchAll(names)].map(([line]) => line.slice(2)).join("\n");
        socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
      });
    },
  );
  origin.listen(0, "127.0.0.1");
  await once(origin, "listening");
  const { port } = origin.address() as net.AddressInfo;
  const proxy = await startProxy(`
static_resources:
  listeners:
  - name: in
    address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
    filter_chains:
    - transport_socket:
        name: tls
        typed_config:
          "@type": ${TLS}.DownstreamTlsContext
          common_tls_context:
            alpn_protocols: [h2, http/1.1]
            tls_certificates: [{ certificate_chain: ${inline(server!.chain)}, private_key: ${inline(server!.key)} }]
            validation_context: { trusted_ca: ${inline(authority.certificate)} }
      filters:
      - name: http
        typed_config:
          "@type": ${FILTERS}.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: in
          route_config: { virtual_hosts: [{ name: all, domains: ["*"], routes: ${routes} }] }
          http_filters: [{ name: router, typed_config: { "@type": ${FILTERS}.http.router.v3.Router } }]
  clusters:
  - name: origin
    load_assignment: { cluster_name: origin, endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: ${port} } } } }] }] }
    transport_socket:
      name: tls
      typed_config:
        "@type": ${TLS}.UpstreamTlsContext
        sni: upstream.example
        common_tls_context:
          tls_certificates: [{ certificate_chain: ${inline(client!.chain)}, private_key: ${inline(client!.key)} }]
          validation_context: { trusted_ca: ${inline(authority.certificate)} }
`);
  t.after(() => {
    proxy.close();
    for (const socket of upstreams) socket.destroy();
    origin.close();
  });
  return { proxy, authority, client: client!, upstreams };
}

const REQUEST_HEADERS = JSON.stringify(
  Object.entries({
    "x-version": "%DOWNSTREAM_TLS_VERSION%",
    "x-peer": "%DOWNSTREAM_PEER_SUBJECT% %DOWNSTREAM_PEER_URI_SAN%",
    "x-local": "%DOWNSTREAM_LOCAL_DNS_SAN%",
    "x-proto": "%REQ(x-forwarded-proto)% %REQ(:scheme)%",
  }).map(([key, value]) => ({ header: { key, value } })),
);
const TO_ORIGIN = `{ match: { prefix: / }, route: { cluster: origin }, request_headers_to_add: ${REQUEST_HEADERS}, response_headers_to_add: [{ header: { key: x-upstream, value: "%UPSTREAM_TLS_VERSION% %UPSTREAM_PEER_SUBJECT%" } }] }`;

async function get(t: TestContext, rig: Rig, options: tls.ConnectionOptions = {}): Promise<string> {
  const socket = tls.connect({
    port: rig.proxy.port("in"),
    host: "127.0.0.1",
    rejectUnauthorized: false,
    ...options,
  });
  t.after(() => socket.destroy());
  socket.write("GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
  let text = "";
  for await (const data of socket) text += String(data);
  return text;
}

void test("a request over TLS on both sides tells what is known of them", async (t) => {
  const rig = await start(t, `[${TO_ORIGIN}]`);
  const { certificate, key } = rig.client;
  const text = await get(t, rig, { cert: certificate, key });
  assert.match(text, /^HTTP\/1\.1 200 OK\r\n/u);
  assert.match(text, /\r\nx-upstream: TLSv1\.2 CN=upstream\r\n/u);
  assert.deepEqual(text.slice(text.indexOf("\r\n\r\n") + 4).split("\n"), [
    "x-version: TLSv1.3",
    "x-peer: CN=client spiffe://a/client",
    "x-local: server.example",
    "x-proto: https https",
  ]);
  assert.equal(rig.upstreams[0]!.servername, "upstream.example");
  assert.equal(rig.upstreams[0]!.getPeerCertificate().subject.CN, "client");
  for (const [name, value] of Object.entries({
    "http.in.downstream_cx_ssl_total": 1,
    "cluster.origin.ssl.handshake": 1,
    "cluster.origin.ssl.versions.TLSv1.2": 1,
    "cluster.origin.ssl.no_certificate": 0,
  }))
    assert.equal(rig.proxy.stat(name), value, name);
});

void test("routes choose by the certificate that was shown", async (t) => {
  const direct = (status: number, more: string): string =>
    `{ match: { prefix: /${more} }, direct_response: { status: ${status} } }`;
  const rig = await start(
    t,
    `[${direct(201, ", tls_context: { validated: true }")}, ${direct(202, ", tls_context: { presented: false }")}, ${direct(203, "")}]`,
  );
  const { certificate, key } = rig.client;
  assert.match(await get(t, rig, { cert: certificate, key }), /^HTTP\/1\.1 201 /u);
  assert.match(await get(t, rig), /^HTTP\/1\.1 202 /u);
});

void test("a client whose certificate nobody trusts is refused before its request is read", async (t) => {
  const rig = await start(t, `[${TO_ORIGIN}]`);
  const other = await CertificateAuthority.create("Other");
  const { certificate, key } = await other.issue();
  assert.equal(await get(t, rig, { cert: certificate, key }).catch(() => ""), "");
  assert.equal(rig.proxy.stat("http.in.downstream_rq_total"), 0);
  assert.equal(rig.proxy.stat("listener.127.0.0.1_0.ssl.fail_verify_error"), 1);
});

void test("ALPN chooses HTTP/2", async (t) => {
  const rig = await start(t, `[${TO_ORIGIN}]`);
  const session = http2.connect(`https://127.0.0.1:${rig.proxy.port("in")}`, {
    rejectUnauthorized: false,
  });
  t.after(() => session.destroy());
  const stream = session.request({ ":path": "/" });
  let body = "";
  for await (const data of stream) body += String(data);
  assert.match(body, /x-proto: https https/u);
  assert.equal(session.alpnProtocol, "h2");
  assert.equal(rig.proxy.stat("http.in.downstream_cx_http2_total"), 1);
});
