import assert from "node:assert/strict";
import net from "node:net";
import { test } from "node:test";
import tls from "node:tls";
import { ClientHelloReader, Inspection } from "./client-hello-reader.ts";
import type { ClientHello } from "./client-hello.ts";
import { clientHello, handshakeRecords, numbers } from "./testing/client-hello.ts";

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
  const reader = new ClientHelloReader();
  assert.equal(reader.read(bytes, 0, bytes.length), Inspection.Found);
  return reader.hello;
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
  assert.deepEqual(hello.applicationProtocols(), ["h2", "http/1.1"]);
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
  assert.equal(hello.applicationProtocols(), null);
  assert.deepEqual(hello.keyShares, []);
  assert.deepEqual(hello.supportedVersions, []);
  assert.equal(hello.statusRequest, false);
});

void test("of a list that is broken it has what can be read", () => {
  const hello = read(
    handshakeRecords(
      clientHello({
        extensions: [
          [10, Buffer.concat([numbers([29, 23], 2), Buffer.of(0)])],
          [11, Buffer.of()],
          [13, Buffer.of(0)],
          [43, Buffer.of(200, 3, 4, 3)],
          [51, Buffer.concat([numbers([29, 1], 2), Buffer.of(9, 0, 23, 255, 255)])],
        ],
      }),
    ),
  );
  assert.deepEqual(hello.groups, [29, 23]);
  assert.deepEqual(hello.pointFormats, []);
  assert.deepEqual(hello.signatureAlgorithms, []);
  assert.deepEqual(hello.supportedVersions, [0x0304]);
  assert.deepEqual(hello.keyShares, [29, 23]);
});
