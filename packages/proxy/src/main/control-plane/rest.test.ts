import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import http from "node:http";
import http2 from "node:http2";
import https from "node:https";
import type { AddressInfo, Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { startProxy, type TestProxy } from "../../testing/proxy.ts";
import { CertificateAuthority } from "../../transport/tls/testing/certificate-authority.ts";

const CDS = "type.googleapis.com/envoy.config.cluster.v3.Cluster";

interface Seen {
  readonly line: string;
  readonly version: string;
}

/** Answers each poll with a cluster `a`. */
function answer(seen: Seen[]): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    const { method, url, headers, httpVersion } = request;
    const authority = headers[":authority"] ?? headers.host;
    seen.push({ line: `${method} ${String(authority)} ${url}`, version: httpVersion });
    response.end(
      JSON.stringify({
        version_info: "1",
        resources: [{ "@type": CDS, name: "a", type: "STATIC" }],
      }),
    );
  };
}

async function listen(t: TestContext, server: Server, at: string | number = 0): Promise<void> {
  server.listen(at);
  await once(server, "listening");
  t.after(() => server.close());
}

function portOf(server: Server): string {
  return `socket_address: { address: 127.0.0.1, port_value: ${(server.address() as AddressInfo).port} }`;
}

/** A proxy that polls for its clusters at `address`. */
async function polling(
  t: TestContext,
  address: string,
  fields = "",
  sourceFields = "resource_api_version: V3",
): Promise<TestProxy> {
  const proxy = await startProxy(`
node: { id: proxy-1, cluster: test }
dynamic_resources:
  cds_config:
    ${sourceFields}
    api_config_source: { api_type: REST, transport_api_version: V3, cluster_names: [xds], refresh_delay: 3600s, request_timeout: 10s }
static_resources:
  clusters:
  - name: xds
    load_assignment:
      cluster_name: xds
      endpoints: [{ lb_endpoints: [{ endpoint: { address: { ${address} } } }] }]
${fields}`);
  t.after(() => proxy.close());
  return proxy;
}

function tls(ca: string): string {
  return `    transport_socket:
      name: tls
      typed_config:
        "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
        sni: plane.test
        common_tls_context:
          validation_context:
            trusted_ca: { inline_string: ${JSON.stringify(ca)} }
            match_typed_subject_alt_names: [{ san_type: DNS, matcher: { exact: plane.test } }]
`;
}

const HTTP2 = `    typed_extension_protocol_options:
      envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
        "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
        explicit_http_config: { http2_protocol_options: {} }
`;

function expectCluster(proxy: TestProxy): void {
  assert.ok(proxy.clusters.has("a"));
  assert.equal(proxy.stat("cluster_manager.cds.update_success"), 1);
  assert.equal(proxy.stat("cluster.xds.upstream_rq_200"), 1);
}

test("a control plane of REST is polled in clear text by the cluster's name", async (t) => {
  const seen: Seen[] = [];
  const server = http.createServer(answer(seen));
  await listen(t, server);
  expectCluster(await polling(t, portOf(server)));
  assert.deepEqual(seen, [{ line: "POST xds /v3/discovery:clusters", version: "1.1" }]);
});

test("a control plane of REST is polled over a pipe", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "nuncio-rest-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "plane.sock");
  const seen: Seen[] = [];
  await listen(t, http.createServer(answer(seen)), path);
  expectCluster(await polling(t, `pipe: { path: ${path} }`));
  assert.equal(seen.length, 1);
});

test("a control plane of REST is polled over TLS, and its certificate is judged", async (t) => {
  const ca = await CertificateAuthority.create();
  const { chain: cert, key } = await ca.issue({ dnsNames: ["plane.test"] });
  const seen: Seen[] = [];
  const server = https.createServer({ cert, key }, answer(seen));
  await listen(t, server);
  const proxy = await polling(t, portOf(server), tls(ca.certificate));
  expectCluster(proxy);
  assert.deepEqual(seen, [{ line: "POST xds /v3/discovery:clusters", version: "1.1" }]);
  assert.equal(proxy.stat("cluster.xds.upstream_cx_http1_total"), 1);
});

test("over HTTP/2 where the cluster speaks it, with TLS too", async (t) => {
  const ca = await CertificateAuthority.create();
  const { chain: cert, key } = await ca.issue({ dnsNames: ["plane.test"] });
  const seen: Seen[] = [];
  const server = http2.createSecureServer({ cert, key });
  server.on("request", answer(seen) as never);
  await listen(t, server);
  const proxy = await polling(t, portOf(server), tls(ca.certificate) + HTTP2);
  expectCluster(proxy);
  assert.deepEqual(seen, [{ line: "POST xds /v3/discovery:clusters", version: "2.0" }]);
  assert.equal(proxy.stat("cluster.xds.upstream_cx_http2_total"), 1);
});

test("a certificate of another is refused before anything is sent", async (t) => {
  const ca = await CertificateAuthority.create();
  const { chain: cert, key } = await ca.issue({ dnsNames: ["other.test"] });
  const seen: Seen[] = [];
  const server = https.createServer({ cert, key }, answer(seen));
  await listen(t, server);
  const proxy = await polling(
    t,
    portOf(server),
    tls(ca.certificate),
    "initial_fetch_timeout: 0.5s",
  );
  assert.equal(proxy.clusters.has("a"), false);
  assert.equal(proxy.stat("cluster_manager.cds.update_failure"), 1);
  assert.equal(proxy.stat("cluster.xds.upstream_cx_connect_fail"), 1);
  assert.deepEqual(seen, []);
});
