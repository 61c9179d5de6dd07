import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { test, type TestContext } from "node:test";
import tls from "node:tls";
import { TLS_STATS } from "../../observe/stats/tables/tls.ts";
import { leaf, Recorder } from "../../testing/connection-rig.ts";
import { testTransport } from "../../testing/loop.ts";
import { FakeWorker } from "../../upstream/testing/fake-worker.ts";
import { ipAddress } from "../address.ts";
import { Connector, type ConnectCallbacks } from "../connect.ts";
import type { Connection } from "../connection.ts";
import type { UpstreamTransportOptions } from "../transport-socket.ts";
import type { TlsContextConfig, UpstreamTlsConfig } from "./model.ts";
import type { PeerCertificates, PeerVerifier, VerifyFailure } from "./peer-verifier.ts";
import { CertificateAuthority, expired, type Identity } from "./testing/certificate-authority.ts";
import { certificateConfig, upstreamTls } from "./testing/tls-configs.ts";
import { TlsSockets } from "./tls-sockets.ts";
import { buildVerifier } from "./validation/build-verifier.ts";

const OPTIONS: UpstreamTransportOptions = {
  serverName: "",
  expectedNames: null,
  alpnFallback: [],
  alpnOverride: null,
};

interface Server {
  readonly port: number;
  /** What the clients said, one by one. */
  readonly sessions: tls.TLSSocket[];
}

async function serve(t: TestContext, options: tls.TlsOptions): Promise<Server> {
  const sessions: tls.TLSSocket[] = [];
  const server = tls.createServer(options, (socket) => {
    sessions.push(socket);
    socket.on("error", () => {});
    socket.on("data", (data) => socket.write(data));
  });
  server.on("tlsClientError", () => {});
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    for (const socket of sessions) socket.destroy();
    server.close();
  });
  return { port: (server.address() as net.AddressInfo).port, sessions };
}

type Verify = (peer: PeerCertificates) => VerifyFailure | null;

/** A worker's upstream side with one context. */
class Client {
  readonly worker = new FakeWorker();
  readonly #rig = testTransport();
  readonly #sockets: TlsSockets;
  readonly #config: UpstreamTlsConfig;

  constructor(more: Partial<UpstreamTlsConfig> = {}, verify: Verify | null = null) {
    const build =
      verify === null
        ? (config: TlsContextConfig) =>
            buildVerifier(
              config,
              () => () => false,
              () => Date.now(),
            )
        : (): PeerVerifier => ({ validates: true, verify, verifyResumed: () => null });
    this.#sockets = new TlsSockets(this.worker, this.#rig.transport, build);
    this.#config = upstreamTls(more);
  }

  count(stat: keyof typeof TLS_STATS.at): number {
    return this.worker.stats.slots[TLS_STATS.at[stat]]!;
  }

  update(more: Partial<UpstreamTlsConfig>): void {
    this.#sockets.update({ ...this.#config, ...more });
  }

  /** The connection, or why there is none. */
  connect(
    t: TestContext,
    port: number,
    options: Partial<UpstreamTransportOptions> = {},
    timeoutMs = 0,
  ): Promise<Connection | string> {
    const address = ipAddress("127.0.0.1", port);
    return new Promise((resolve) => {
      const callbacks: ConnectCallbacks = {
        onConnected(connection) {
          t.after(() => connection.close());
          resolve(connection);
        },
        onConnectFailure: (reason, timeout) => resolve(timeout ? "timeout" : reason),
      };
      const secure = {
        socket: this.#sockets.upstream(this.#config),
        host: { address, hostname: "host.example" },
        options: { ...OPTIONS, ...options },
      };
      const connect = { timeoutMs, bufferLimitBytes: 1 << 20, sourceIp: "", keepaliveSeconds: 0 };
      void new Connector(this.#rig.transport, address, { ...connect, secure }, callbacks);
    });
  }
}

async function connected(promise: Promise<Connection | string>): Promise<Connection> {
  const result = await promise;
  if (typeof result === "string") assert.fail(result);
  return result;
}

async function refused(promise: Promise<Connection | string>): Promise<string> {
  const result = await promise;
  if (typeof result !== "string") assert.fail("connected");
  return result;
}

async function echo(connection: Connection, text: string): Promise<string> {
  const recorder = new Recorder();
  connection.callbacks = recorder;
  const data = new Promise<string>((resolve) => {
    recorder.onBytes = (bytes): void => resolve(bytes.toString());
  });
  connection.context.loop.enter();
  connection.writeLatin1(text);
  connection.context.loop.leave();
  return data;
}

function pem({ chain, key }: Identity): { cert: string; key: string } {
  return { cert: chain, key };
}

void test("a handshake is part of the connect, and its facts are known then", async (t) => {
  const server = await serve(t, { ...pem(await leaf()), ALPNProtocols: ["http/1.1"] });
  const client = new Client({ sni: "a.example", alpnProtocols: ["h2", "http/1.1"] });
  const connection = await connected(client.connect(t, server.port));
  const info = connection.tls!;
  assert.equal(info.established, true);
  assert.equal(info.alpn, "http/1.1");
  assert.equal(info.version, "TLSv1.3");
  assert.equal(info.peerCertificate!.subject, "CN=leaf");
  assert.equal(info.peerCertificateValidated, false, "nobody asked for it");
  assert.equal(await echo(connection, "ping"), "ping");
  assert.equal(server.sessions[0]!.servername, "a.example");
  assert.equal(client.count("handshake"), 1);
});

void test("what a request or host says goes before the context's name and protocols", async (t) => {
  const server = await serve(t, { ...pem(await leaf()), ALPNProtocols: ["x", "y", "z"] });
  const auto = new Client({ sni: "a.example", autoHostSni: true });
  await connected(auto.connect(t, server.port, { alpnFallback: ["y"] }));
  const own = new Client({ sni: "a.example", autoHostSni: true, alpnProtocols: ["x"] });
  await connected(own.connect(t, server.port, { serverName: "b.example", alpnFallback: ["y"] }));
  await connected(own.connect(t, server.port, { alpnOverride: ["z"] }));
  while (server.sessions.length < 3) await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(
    server.sessions.map(({ servername, alpnProtocol }) => [servername, alpnProtocol]),
    [
      ["host.example", "y"],
      ["b.example", "x"],
      ["host.example", "z"],
    ],
  );
});

void test("a certificate that no trusted one stands behind is refused", async (t) => {
  const [authority, other] = await Promise.all([
    CertificateAuthority.create(),
    CertificateAuthority.create("Other"),
  ]);
  const server = await serve(t, pem(await authority.issue()));
  const client = new Client({ trustedCa: other.certificate });
  assert.equal(
    await client.connect(t, server.port),
    "TLS_error:|268435581:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:verify cert failed: " +
      "X509_verify_cert: certificate verification error at depth 0: unable to get local issuer certificate:TLS_error_end",
  );
  assert.equal(client.count("fail_verify_error"), 1);
  assert.equal(client.count("handshake"), 0);
  const trusting = new Client({ trustedCa: authority.certificate });
  const connection = await connected(trusting.connect(t, server.port));
  assert.equal(connection.tls!.peerCertificateValidated, true);
});

void test("the judge sees the chain, what is wrong with it, and the name", async (t) => {
  const authority = await CertificateAuthority.create();
  const below = await authority.intermediate("Below");
  const identity = await below.issue({ ...expired(), dnsNames: ["a.example"] });
  const server = await serve(t, pem(identity));
  const seen: unknown[] = [];
  const client = new Client(
    { trustedCa: authority.certificate, sni: "a.example", autoSniSanValidation: true },
    (peer) => {
      seen.push(peer.chainError, peer.serverName, peer.expectedNames, peer.leaf?.subjectAltName);
      seen.push(peer.chain().map(({ subject }) => subject));
      return { text: "no", stat: "fail_verify_san" };
    },
  );
  const reason = await refused(client.connect(t, server.port));
  assert.match(reason, /CERTIFICATE_VERIFY_FAILED:verify cert failed: no:TLS_error_end$/);
  assert.deepEqual(seen, [
    "CERT_HAS_EXPIRED",
    "a.example",
    ["a.example"],
    "DNS:a.example",
    ["CN=leaf", "CN=Below"],
  ]);
  assert.equal(client.count("fail_verify_san"), 1);
});

void test("a client shows its certificate", async (t) => {
  const authority = await CertificateAuthority.create();
  const server = await serve(t, {
    ...pem(await authority.issue()),
    ca: authority.certificate,
    requestCert: true,
  });
  const identity = await authority.issue({ subject: "CN=client,O=me" });
  const client = new Client({ certificates: [certificateConfig(identity)] });
  const connection = await connected(client.connect(t, server.port));
  assert.equal(connection.tls!.localCertificate!.subject, "O=me,CN=client");
  await echo(connection, "x");
  assert.equal(server.sessions[0]!.getPeerCertificate().subject.CN, "client");
});

void test("sessions are resumed with the host and name that they were made with", async (t) => {
  const server = await serve(t, pem(await leaf()));
  for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const) {
    const client = new Client({ maxVersion });
    const first = await connected(client.connect(t, server.port));
    await echo(first, "a");
    assert.equal(first.tls!.sessionReused, false);
    const second = await connected(client.connect(t, server.port));
    assert.equal(second.tls!.sessionReused, true, maxVersion);
    assert.equal(second.tls!.peerCertificate!.subject, "CN=leaf", maxVersion);
    assert.equal(client.count("no_certificate"), 0);
    await echo(second, "a");
    const named = await connected(client.connect(t, server.port, { serverName: "b.example" }));
    assert.equal(named.tls!.sessionReused, false);
    assert.equal(client.count("session_reused"), 1);
    const off = new Client({ maxVersion, maxSessionKeys: 0 });
    await echo(await connected(off.connect(t, server.port)), "a");
    assert.equal((await connected(off.connect(t, server.port))).tls!.sessionReused, false);
  }
});

void test("no TLS on the other side, an alert, and a close are failures of the connect", async (t) => {
  const plain = net.createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
  });
  const rude = net.createServer((socket) => socket.once("data", () => socket.end()));
  for (const server of [plain, rude]) {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    t.after(() => server.close());
  }
  const port = (server: net.Server): number => (server.address() as net.AddressInfo).port;
  const client = new Client();
  assert.equal(
    await client.connect(t, port(plain)),
    "TLS_error:|268435703:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER:TLS_error_end",
  );
  assert.equal(client.count("connection_error"), 1);
  assert.equal(await client.connect(t, port(rude)), "");
  assert.equal(client.count("connection_error"), 1);
  const modern = await serve(t, { ...pem(await leaf()), minVersion: "TLSv1.3" });
  assert.equal(
    await new Client({ maxVersion: "TLSv1.2" }).connect(t, modern.port),
    "TLS_error:|268436526:SSL routines:OPENSSL_internal:TLSV1_ALERT_PROTOCOL_VERSION:TLS_error_end",
  );
});

void test("connect_timeout is for the handshake, too", async (t) => {
  const silent = net.createServer((socket) => socket.on("error", () => {}).resume());
  silent.listen(0, "127.0.0.1");
  await once(silent, "listening");
  t.after(() => silent.close());
  const { port } = silent.address() as net.AddressInfo;
  assert.equal(await new Client().connect(t, port, {}, 20), "timeout");
});

void test("a context waits for its secret, and uses a new one from then on", async (t) => {
  const [authority, other] = await Promise.all([
    CertificateAuthority.create(),
    CertificateAuthority.create("Other"),
  ]);
  const server = await serve(t, pem(await authority.issue()));
  const client = new Client({ ready: false });
  assert.equal(await client.connect(t, server.port), "TLS error: Secret is not supplied by SDS");
  client.update({ ready: true, version: 2, trustedCa: authority.certificate });
  const connection = await connected(client.connect(t, server.port));
  client.update({ ready: true, version: 3, trustedCa: other.certificate });
  assert.match(await refused(client.connect(t, server.port)), /CERTIFICATE_VERIFY_FAILED/);
  client.update({ ready: true, version: 2, trustedCa: authority.certificate });
  assert.match(await refused(client.connect(t, server.port)), /VERIFY_FAILED/, "an old version");
  assert.equal(await echo(connection, "still"), "still");
});
