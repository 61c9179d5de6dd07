import assert from "node:assert/strict";
import net from "node:net";
import { test } from "node:test";
import tls from "node:tls";
import { CLIENT_HELLO_MAX_BYTES, readClientHello, type ClientHello } from "./client-hello.ts";

/** What a client of Node's says first. */
function helloOf(options: tls.ConnectionOptions): Promise<Buffer> {
  return new Promise((resolve) => {
    const server = net.createServer((socket) => {
      socket.on("error", () => {});
      const pieces: Buffer[] = [];
      socket.on("data", (data) => {
        pieces.push(data as Buffer);
        const all = Buffer.concat(pieces);
        if (all.length < 5 + all.readUInt16BE(3)) return;
        socket.destroy();
        server.close();
        resolve(all);
      });
    });
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as net.AddressInfo;
      tls.connect({ port, host: "127.0.0.1", ...options }).on("error", () => {});
    });
  });
}

function read(bytes: Buffer): ClientHello {
  const hello = readClientHello(bytes);
  assert.ok(hello !== null && hello !== "incomplete");
  return hello;
}

void test("a hello tells the name, the protocols, and what the client can do", async () => {
  const hello = read(
    await helloOf({
      servername: "A.Example",
      ALPNProtocols: ["h2", "http/1.1"],
      ecdhCurve: "X25519:P-256",
      sigalgs: "ecdsa_secp256r1_sha256:rsa_pss_rsae_sha256",
      requestOCSP: true,
    }),
  );
  assert.equal(hello.serverName, "a.example");
  assert.deepEqual(hello.alpnProtocols, ["h2", "http/1.1"]);
  assert.deepEqual(hello.groups, [29, 23]);
  assert.deepEqual(hello.keyShares, [29]);
  assert.deepEqual(hello.signatureAlgorithms, [0x0403, 0x0804]);
  assert.deepEqual(hello.supportedVersions, [0x0304, 0x0303]);
  assert.equal(hello.statusRequest, true);
  assert.ok(hello.cipherSuites.includes(0x1301));
});

void test("what a hello does not say is empty", async () => {
  const hello = read(await helloOf({ maxVersion: "TLSv1.2" }));
  assert.equal(hello.serverName, "");
  assert.deepEqual(hello.alpnProtocols, []);
  assert.deepEqual(hello.supportedVersions, []);
  assert.equal(hello.statusRequest, false);
});

void test("every beginning of a hello is incomplete, and in small records it is the same", async () => {
  const bytes = await helloOf({ servername: "a.example" });
  for (let end = 0; end < bytes.length; end++)
    assert.equal(readClientHello(bytes.subarray(0, end)), "incomplete", `${end} bytes`);
  const whole = read(bytes);
  const message = bytes.subarray(5);
  for (const size of [1, 3, 50]) {
    const records: Buffer[] = [];
    for (let at = 0; at < message.length; at += size) {
      const piece = message.subarray(at, at + size);
      records.push(Buffer.of(22, 3, 1, 0, piece.length), piece);
    }
    assert.deepEqual(read(Buffer.concat(records)), whole);
  }
});

void test("what is no hello, too long, or broken is null, and nothing throws", async () => {
  const bytes = await helloOf({ servername: "a.example", ALPNProtocols: ["h2"] });
  assert.equal(readClientHello(Buffer.from("GET / HTTP/1.1")), null);
  assert.equal(readClientHello(Buffer.of(22, 3, 1, 0, 0)), null, "an empty record");
  assert.equal(readClientHello(Buffer.of(22, 3, 1, 0, 4, 2, 0, 0, 0)), null, "another message");
  const long = Buffer.of(22, 3, 1, 0, 4, 1, 0, 0, 0);
  long.writeUIntBE(CLIENT_HELLO_MAX_BYTES, 6, 3);
  assert.equal(readClientHello(long), null);
  for (let at = 5; at < bytes.length; at++) {
    for (const value of [0, 1, 0x7f, 0xff]) {
      const broken = Buffer.from(bytes);
      broken[at] = value;
      readClientHello(broken);
    }
  }
});
