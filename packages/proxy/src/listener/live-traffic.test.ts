import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import http2 from "node:http2";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import { clusterYaml } from "../testing/bootstrap.ts";
import { turns } from "../testing/turns.ts";
import { CertificateAuthority } from "../transport/tls/testing/certificate-authority.ts";
import {
  address,
  AT_ONCE,
  filter,
  httpChain,
  listenerText,
  startWith,
  type Fields,
} from "./testing/live-listener.ts";

const CLIENTS_PER_KIND = 4;
const REQUESTS_PER_CLIENT = 60;
/** Of a client of HTTP/2. */
const STREAMS_AT_ONCE = 4;

/** A request on a connection that its client keeps; gives the mark of the configuration that answered it. */
type Ask = () => Promise<string>;

async function plainOrigin(t: TestContext): Promise<number> {
  const server = http.createServer((_request, response) => response.end("hello"));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

function http1Client(t: TestContext, port: number, secure: boolean): Ask {
  const options = { keepAlive: true, maxSockets: 1, rejectUnauthorized: false };
  const agent = secure ? new https.Agent(options) : new http.Agent(options);
  t.after(() => agent.destroy());
  return () =>
    new Promise((resolve, reject) => {
      const { request } = secure ? https : http;
      const asked = request({ port, host: "127.0.0.1", agent }, (response) => {
        response.resume();
        response.on("error", reject);
        response.on("end", () => {
          if (response.statusCode === 200) resolve(String(response.headers["x-mark"]));
          else reject(new Error(`status ${response.statusCode}`));
        });
      });
      asked.on("error", reject);
      asked.end();
    });
}

function http2Client(t: TestContext, port: number, secure: boolean): Ask {
  const url = `${secure ? "https" : "http"}://127.0.0.1:${port}`;
  const session = http2.connect(url, { rejectUnauthorized: false });
  session.on("error", () => {});
  t.after(() => session.destroy());
  return () =>
    new Promise((resolve, reject) => {
      const stream = session.request({ ":path": "/" });
      let mark = "";
      stream.on("response", (headers) => {
        if (headers[":status"] === 200) mark = String(headers["x-mark"]);
        else reject(new Error(`status ${headers[":status"]}`));
      });
      stream.on("error", reject);
      stream.on("end", () => resolve(mark));
      stream.resume();
    });
}

/** Routes and filters of every version are other ones. */
function chainOf(version: number, port: { readonly tls: Fields | null }): Fields {
  const header = { key: "x-mark", value: String(version) };
  const mutations = {
    response_mutations: [{ append: { header: { key: "x-round", value: `${version}` } } }],
  };
  return httpChain(
    { route: { cluster: "origin" }, response_headers_to_add: [{ header }] },
    {
      stream_idle_timeout: `${60 + version}s`,
      http_filters: [
        ...(version % 2 === 0
          ? [filter("mutate", "http.header_mutation.v3.HeaderMutation", { mutations })]
          : []),
        filter("router", "http.router.v3.Router"),
      ],
    },
    port.tls === null ? {} : { transport_socket: port.tls },
  );
}

async function tlsSocket(): Promise<Fields> {
  const { chain, key } = await (await CertificateAuthority.create()).issue();
  const certificate = {
    certificate_chain: { inline_string: chain },
    private_key: { inline_string: key },
  };
  return {
    name: "tls",
    typed_config: {
      "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
      common_tls_context: { tls_certificates: [certificate], alpn_protocols: ["h2", "http/1.1"] },
    },
  };
}

void test("no request fails and no connection is lost while routes and filters change under load", async (t) => {
  const clusters = [clusterYaml("origin", await plainOrigin(t))];
  const ports = [
    { name: "plain", tls: null },
    { name: "tls", tls: await tlsSocket() },
  ];
  const text = (version: number, port: (typeof ports)[number]): string =>
    listenerText([chainOf(version, port)], { name: port.name, stat_prefix: port.name });
  const [plain, secure] = ports.map((port) => text(0, port));
  const proxy = await startWith(t, `${plain}, ${secure}`, { clusters, drain: AT_ONCE });
  let version = 0;
  let asking = true;
  const update = async (): Promise<void> => {
    while (asking) {
      const next = version + 1;
      for (const port of ports) await proxy.setListener(text(next, port));
      version = next;
      await turns(5);
    }
  };
  const run = async (ask: Ask): Promise<void> => {
    for (let i = 0; i < REQUESTS_PER_CLIENT; i++) {
      const before = version;
      const mark = Number(await ask());
      assert.ok(mark >= before, `a request that came under version ${before} was ${mark}'s`);
    }
  };
  const runs: Promise<unknown>[] = [];
  for (const { name } of ports) {
    const isSecure = name === "tls";
    for (let i = 0; i < CLIENTS_PER_KIND; i++) {
      runs.push(run(http1Client(t, proxy.port(name), isSecure)));
      const ask = http2Client(t, proxy.port(name), isSecure);
      for (let stream = 0; stream < STREAMS_AT_ONCE; stream++) runs.push(run(ask));
    }
  }
  const updating = update();
  await Promise.all(runs);
  asking = false;
  await updating;
  assert.ok(version > 20, `only ${version} versions came`);
  for (const { name } of ports)
    assert.equal(proxy.stat(`listener.${name}.downstream_cx_total`), 2 * CLIENTS_PER_KIND);
  assert.equal(proxy.stat("http.in.downstream_cx_drain_close"), 0);
  assert.equal(proxy.stat("http.in.downstream_rq_active"), 0);
  assert.deepEqual(proxy.exceptions, []);
});

void test("an equal TLS context is the same: its connections stay, and another one's drain", async (t) => {
  const [one, other] = [await tlsSocket(), await tlsSocket()];
  const clusters = [clusterYaml("origin", await plainOrigin(t))];
  const text = (version: number, tls: Fields): string =>
    listenerText([chainOf(version, { tls })], { address: address() });
  const proxy = await startWith(t, text(0, one), { clusters, drain: AT_ONCE });
  const ask = http1Client(t, proxy.port("main"), true);
  assert.equal(await ask(), "0");
  await proxy.setListener(text(0, one));
  assert.equal(proxy.stat("listener_manager.listener_modified"), 0);
  await proxy.setListener(text(1, one));
  assert.equal(await ask(), "1");
  assert.equal(proxy.stat("http.in.downstream_cx_total"), 1);
  await proxy.setListener(text(2, other));
  // The old connection goes on with what it had, and says goodbye with it.
  assert.equal(await ask(), "1");
  assert.equal(await ask(), "2");
  assert.equal(proxy.stat("http.in.downstream_cx_total"), 2);
});
