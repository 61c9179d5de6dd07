import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import tls from "node:tls";
import { TLS_STATS } from "../../observe/stats/tables/tls.ts";
import { leaf, listen, type Recorder, type ServerRig } from "../../testing/connection-rig.ts";
import { turns } from "../../testing/turns.ts";
import { groupName } from "./key-exchange-group.ts";
import type { DownstreamTlsConfig, TlsCertificateConfig } from "./model.ts";
import { CertificateAuthority } from "./testing/certificate-authority.ts";
import { certificateConfig, downstreamTls } from "./testing/tls-configs.ts";

type Stat = keyof typeof TLS_STATS.at;

function count({ worker }: ServerRig, stat: Stat): number {
  return worker.stats.slots[TLS_STATS.at[stat]]!;
}

/** Answers what it gets with `pong`. */
function pong(recorder: Recorder): void {
  recorder.onBytes = (): void => recorder.connection.writeLatin1("pong");
}

async function serve(
  t: TestContext,
  more: Partial<DownstreamTlsConfig> = {},
  setUp: (server: Recorder) => void = pong,
): Promise<ServerRig> {
  return listen(t, downstreamTls([certificateConfig(await leaf())], more), setUp);
}

interface Outcome {
  readonly socket: tls.TLSSocket;
  readonly error: NodeJS.ErrnoException | null;
}

/** Shakes hands; the outcome has what went wrong. */
async function shake(
  t: TestContext,
  { port }: ServerRig,
  options: tls.ConnectionOptions = {},
): Promise<Outcome> {
  const socket = tls.connect({ port, host: "127.0.0.1", rejectUnauthorized: false, ...options });
  t.after(() => socket.destroy());
  const error = await new Promise<NodeJS.ErrnoException | null>((resolve) => {
    socket.once("secureConnect", () => resolve(null));
    socket.once("error", resolve);
    socket.once("close", () => resolve(new Error("closed")));
  });
  socket.on("error", () => {});
  return { socket, error };
}

async function ask(socket: tls.TLSSocket): Promise<string> {
  socket.write("ping");
  const [data] = (await once(socket, "data")) as [Buffer];
  return data.toString();
}

void test("the facts of a session are those that the client sees", async (t) => {
  const rig = await serve(t, { alpnProtocols: ["h2", "http/1.1"] });
  const { socket } = await shake(t, rig, {
    ALPNProtocols: ["http/1.1", "h2"],
    servername: "A.Example",
  });
  assert.equal(await ask(socket), "pong");
  const info = rig.server.connection.tls!;
  assert.equal(info.established, true);
  assert.equal(info.alpn, "h2", "the server's order counts");
  assert.equal(socket.alpnProtocol, "h2");
  assert.equal(info.version, "TLSv1.3");
  assert.equal(info.cipher, socket.getCipher().name);
  assert.equal(info.serverName, "a.example");
  assert.equal(info.sessionReused, false);
  assert.equal(info.peerCertificate, null);
  assert.equal(info.localCertificate!.subject, "CN=leaf");
  assert.equal(
    info.localCertificate!.sha256,
    socket.getPeerCertificate().fingerprint256.replaceAll(":", "").toLowerCase(),
  );
  assert.equal(count(rig, "handshake"), 1);
  assert.equal(count(rig, "no_certificate"), 1);
});

void test("facts that were read stay when the connection is gone", async (t) => {
  const rig = await serve(t, { alpnProtocols: ["h2"] });
  const { socket } = await shake(t, rig, { ALPNProtocols: ["h2"] });
  await ask(socket);
  const info = rig.server.connection.tls!;
  const { version } = info;
  socket.destroy();
  await rig.server.closed;
  await turns(3);
  assert.equal(info.version, version);
  assert.equal(info.alpn, "", "nobody asked in time");
});

void test("a client whose protocols the server does not know goes on without one", async (t) => {
  const rig = await serve(t, { alpnProtocols: ["h2"] });
  const { socket, error } = await shake(t, rig, { ALPNProtocols: ["foo"] });
  assert.equal(error, null);
  assert.equal(socket.alpnProtocol, false);
  assert.equal(await ask(socket), "pong");
});

void test("connections that write in the same turn, small and large, get each their own", async (t) => {
  const LARGE = 300_000;
  const rig = await serve(t, {}, (recorder) => {
    recorder.onBytes = (): void => {
      for (const [index, { connection }] of rig.servers.entries()) {
        connection.writeLatin1(`${index}`.repeat(10));
        connection.flush();
        connection.writeBytes(Buffer.alloc(index === 0 ? LARGE : 10, `${index}`));
      }
    };
  });
  const rounds = 20;
  const clients = [await shake(t, rig), await shake(t, rig), await shake(t, rig)];
  const got = clients.map(({ socket }, index) => {
    const expected = rounds * (index === 0 ? LARGE + 10 : 20);
    let bytes = 0;
    return new Promise<void>((resolve) => {
      socket.on("data", (data: Buffer) => {
        assert.ok(data.every((byte) => byte === 0x30 + index));
        bytes += data.length;
        if (index === 1 && bytes % 20 === 0 && bytes < expected) socket.write("x");
        if (bytes === expected) resolve();
      });
    });
  });
  clients[1]!.socket.write("x");
  await Promise.all(got);
  assert.deepEqual(rig.exceptions, []);
});

void test("versions outside of the range are refused with an alert", async (t) => {
  const rig = await serve(t, { minVersion: "TLSv1.3" });
  const { error } = await shake(t, rig, { maxVersion: "TLSv1.2" });
  assert.equal(error?.code, "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION");
  assert.equal(await rig.server.closed, "remote");
  assert.equal(
    rig.server.connection.tls!.failureReason,
    "TLS_error:|268435696:SSL routines:OPENSSL_internal:UNSUPPORTED_PROTOCOL:TLS_error_end",
  );
  assert.equal(count(rig, "connection_error"), 1);
});

void test("a hello that comes byte by byte is one", async (t) => {
  const rig = await serve(t, { alpnProtocols: ["h2"] });
  const relay = net.createServer((client) => {
    const server = net.connect(rig.port, "127.0.0.1");
    server.setNoDelay(true);
    server.pipe(client);
    // The hello alone: what comes behind it is OpenSSL's.
    client.once("data", (hello: Buffer) => {
      for (const byte of hello) setImmediate(() => server.write(Buffer.of(byte)));
      setImmediate(() => client.pipe(server));
    });
  });
  relay.listen(0, "127.0.0.1");
  await once(relay, "listening");
  t.after(() => relay.close());
  const { port } = relay.address() as net.AddressInfo;
  const { socket, error } = await shake(t, { ...rig, port }, { ALPNProtocols: ["h2"] });
  assert.equal(error, null);
  assert.equal(socket.alpnProtocol, "h2");
  socket.destroy();
});

void test("a peer that dies in the handshake leaves nothing", async (t) => {
  const rig = await serve(t);
  const client = net.connect(rig.port, "127.0.0.1");
  await once(client, "connect");
  client.destroy();
  assert.equal(await rig.server.closed, "remote");
  assert.equal(rig.server.connection.tls!.failureReason, "");
  assert.equal(count(rig, "connection_error"), 0);
});

void test("what is written before the handshake goes out behind it", async (t) => {
  const rig = await serve(t, {}, (recorder) => {
    recorder.connection.writeLatin1("hello ");
    recorder.connection.writeBytes(Buffer.from("you"));
    recorder.connection.closeAfterFlush(0);
  });
  const { socket } = await shake(t, rig);
  let text = "";
  for await (const data of socket) text += String(data);
  assert.equal(text, "hello you");
});

void test("bytes that listener filters read are part of the hello", async (t) => {
  const config = downstreamTls([certificateConfig(await leaf())]);
  const rig = listen(t, config, pong, { earlyBytes: true });
  const { socket, error } = await shake(t, rig);
  assert.equal(error, null);
  assert.equal(await ask(socket), "pong");
});

void test("a ticket resumes a session, and not on a server with other keys", async (t) => {
  const rig = await serve(t);
  const first = await shake(t, rig, { maxVersion: "TLSv1.2" });
  const session = first.socket.getSession()!;
  await ask(first.socket);
  const second = await shake(t, rig, { maxVersion: "TLSv1.2", session });
  assert.equal(second.socket.isSessionReused(), true);
  await ask(second.socket);
  assert.equal(count(rig, "session_reused"), 1);
  const other = await serve(t, { sessionTicketKeys: Buffer.alloc(48, 9) });
  const third = await shake(t, other, { maxVersion: "TLSv1.2", session });
  assert.equal(third.socket.isSessionReused(), false);
  const none = await serve(t, { sessionTicketKeys: null });
  const fourth = await shake(t, none, { maxVersion: "TLSv1.2" });
  assert.equal(fourth.socket.getTLSTicket(), undefined);
});

void test("names choose the certificate: exact, then a wildcard, else the first", async (t) => {
  const authority = await CertificateAuthority.create();
  const names = ["first.example", "b.example", "*.c.example"];
  const certificates = await Promise.all(
    names.map(async (name) =>
      certificateConfig(await authority.issue({ subject: name.replace("*.", "any.") }), [name]),
    ),
  );
  const rig = listen(t, downstreamTls(certificates), pong);
  for (const [servername, subject] of [
    ["b.example", "b.example"],
    ["x.c.example", "any.c.example"],
    ["y.x.c.example", "first.example"],
    ["c.example", "first.example"],
    ["unknown.example", "first.example"],
  ] as const) {
    const { socket } = await shake(t, rig, { servername });
    assert.equal(socket.getPeerCertificate().subject.CN, subject, servername);
  }
});

void test("of two certificates with one name a client gets the kind it can check", async (t) => {
  const authority = await CertificateAuthority.create();
  const rsa = await authority.issue({ subject: "rsa", key: "rsa-2048" });
  const ecdsa = await authority.issue({ subject: "ecdsa" });
  const certificates = [
    certificateConfig(rsa, ["a.example"], { ecdsaCurve: 0 }),
    certificateConfig(ecdsa, ["a.example"]),
  ];
  const rig = listen(t, downstreamTls(certificates), pong);
  const servername = "a.example";
  const modern = await shake(t, rig, { servername });
  assert.equal(modern.socket.getPeerCertificate().subject.CN, "ecdsa");
  const old = await shake(t, rig, {
    servername,
    ciphers: "ECDHE-RSA-AES128-GCM-SHA256",
    maxVersion: "TLSv1.2",
  });
  assert.equal(old.socket.getPeerCertificate().subject.CN, "rsa");
});

void test("without a name a context that requires one refuses", async (t) => {
  const rig = await serve(t, { requireSni: true });
  const { error } = await shake(t, rig);
  assert.notEqual(error, null);
  assert.equal(await rig.server.closed, "remote");
  assert.equal(count(rig, "connection_error"), 1);
});

void test("a client that must show a certificate and has none gets an alert", async (t) => {
  const authority = await CertificateAuthority.create();
  const rig = await serve(t, {
    requireClientCertificate: true,
    trustedCa: authority.certificate,
  });
  const { socket } = await shake(t, rig);
  const [error] = (await once(socket, "error")) as [NodeJS.ErrnoException];
  assert.equal(error.code, "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED");
  assert.equal(await rig.server.closed, "remote");
  assert.equal(
    rig.server.connection.tls!.failureReason,
    "TLS_error:|268435648:SSL routines:OPENSSL_internal:PEER_DID_NOT_RETURN_A_CERTIFICATE:peer did not provide required client certificate:TLS_error_end",
  );
  assert.equal(count(rig, "fail_verify_no_cert"), 1);
  assert.equal(count(rig, "connection_error"), 0);
});

void test("the group is the one that the client computed with", async (t) => {
  const lists = ["X25519MLKEM768:X25519:P-256", "P-256:P-384:X25519", "P-384:P-521"];
  const clients = ["X25519", "P-256:X25519", "P-521:P-384:P-256", "X25519MLKEM768:X25519", "auto"];
  for (const maxVersion of ["TLSv1.3", "TLSv1.2"] as const) {
    for (const curves of lists) {
      const rig = await serve(t, { curves });
      for (const ecdhCurve of clients) {
        const before = rig.servers.length;
        const { socket, error } = await shake(t, rig, { ecdhCurve, maxVersion });
        if (error !== null) continue;
        await ask(socket);
        const { name = "" } = socket.getEphemeralKeyInfo() as { name?: string };
        const { group } = rig.servers[before]!.connection.tls!;
        assert.equal(group, groupName(name), `${maxVersion} ${curves} ${ecdhCurve}`);
      }
    }
  }
});

void test("secrets are logged for connections whose addresses fit", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "nuncio-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "keys");
  for (const [ip, lines] of [
    ["10.0.0.0", 0],
    ["127.0.0.0", 5],
  ] as const) {
    const keyLog = {
      path,
      localAddressRanges: [],
      remoteAddressRanges: [{ ip, bits: 8 }],
    };
    const rig = await serve(t, { keyLog });
    await ask((await shake(t, rig)).socket);
    const text = readFileSync(path, "latin1");
    assert.equal(text.split("\n").length - 1, lines);
    if (lines > 0) assert.match(text, /^SERVER_HANDSHAKE_TRAFFIC_SECRET [0-9a-f]{64} [0-9a-f]+$/mu);
  }
});

void test("a staple goes to those who ask, as the policy has it", async (t) => {
  const asking = { requestOCSP: true };
  const response = Buffer.from("3003020100", "hex");
  const staple = (nextUpdateMs: number): Partial<TlsCertificateConfig> => ({
    ocspStaple: { response, nextUpdateMs },
  });
  const run = async (
    more: Partial<TlsCertificateConfig>,
    policy: DownstreamTlsConfig["ocspStaplePolicy"],
    options: tls.ConnectionOptions,
  ): Promise<[string, ServerRig]> => {
    const certificate = certificateConfig(await leaf(), [], more);
    const rig = listen(t, downstreamTls([certificate], { ocspStaplePolicy: policy }), pong);
    const got: (Buffer | null)[] = [];
    const socket = tls.connect({ port: rig.port, rejectUnauthorized: false, ...options });
    t.after(() => socket.destroy());
    socket.on("OCSPResponse", (data: Buffer | null) => got.push(data));
    const done = await new Promise<boolean>((resolve) => {
      socket.once("secureConnect", () => resolve(true));
      socket.once("error", () => resolve(false));
    });
    const stapled = got[0]?.equals(response) === true;
    return [done ? (stapled ? "stapled" : "none") : "refused", rig];
  };
  // The clock of the test's worker stands at a million.
  const [fresh, old] = [staple(2_000_000), staple(1)];
  const [stapled, rig] = await run(fresh, "lenient_stapling", asking);
  assert.equal(stapled, "stapled");
  assert.deepEqual(
    (["ocsp_staple_requests", "ocsp_staple_responses"] as const).map((stat) => count(rig, stat)),
    [1, 1],
  );
  assert.equal((await run(fresh, "must_staple", {}))[0], "none", "who did not ask");
  assert.equal((await run(old, "lenient_stapling", asking))[0], "none");
  assert.equal((await run({}, "strict_stapling", asking))[0], "none");
  assert.equal((await run(old, "strict_stapling", asking))[0], "refused");
  assert.equal((await run({}, "must_staple", asking))[0], "refused");
  const [must, refusing] = await run({ mustStaple: true }, "lenient_stapling", asking);
  assert.equal(must, "refused");
  assert.equal(count(refusing, "ocsp_staple_failed"), 1);
});

void test("a context that OpenSSL refuses closes its connections and is told to the loop", async (t) => {
  const rig = listen(
    t,
    downstreamTls([{ ...certificateConfig(await leaf()), privateKey: "none" }]),
  );
  const { error } = await shake(t, rig);
  assert.notEqual(error, null);
  assert.equal(await rig.server.closed, "remote");
  assert.equal(rig.exceptions.length, 1);
});

void test("garbage behind the handshake ends the connection and is counted", async (t) => {
  const rig = await serve(t);
  const raw = net.connect(rig.port, "127.0.0.1");
  t.after(() => raw.destroy());
  const { socket } = await shake(t, rig, { socket: raw });
  await ask(socket);
  raw.write(Buffer.of(23, 3, 3, 0, 20, ...Buffer.alloc(20)));
  assert.equal(await rig.server.closed, "remote");
  assert.match(rig.server.connection.tls!.failureReason, /BAD_RECORD_MAC:TLS_error_end$/);
  assert.equal(count(rig, "connection_error"), 1);
  assert.equal(rig.server.chunks.length, 1);
});
