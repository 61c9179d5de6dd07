import assert from "node:assert/strict";
import net from "node:net";
import { test, type TestContext } from "node:test";
import { TLS_STATS } from "../../observe/stats/tables/tls.ts";
import { leaf, listen, type ServerRig } from "../../testing/connection-rig.ts";
import type { DownstreamTlsConfig } from "./model.ts";
import { clientHello, handshakeRecords, serverName } from "./testing/client-hello.ts";
import { certificateConfig, downstreamTls } from "./testing/tls-configs.ts";

async function serve(t: TestContext, more: Partial<DownstreamTlsConfig> = {}): Promise<ServerRig> {
  return listen(t, downstreamTls([certificateConfig(await leaf())], more), () => {});
}

function errors({ worker }: ServerRig): number {
  return worker.stats.slots[TLS_STATS.at.connection_error]!;
}

void test("what is no hello is answered as by Envoy's library, and never reaches OpenSSL", async (t) => {
  const record = (hex: string): Buffer => Buffer.from(hex.replaceAll(" ", ""), "hex");
  const hello = clientHello({});
  const cases: [bytes: Buffer, alert: number, error: string][] = [
    [Buffer.from("CONNECT a:1 HTTP/1.1\r\n"), 0, "268435611:HTTPS_PROXY_REQUEST"],
    [Buffer.from("SSH-2.0-x\r\n"), 70, "268435703:WRONG_VERSION_NUMBER"],
    [record("17 0303 0001 00"), 10, "268435681:UNEXPECTED_RECORD"],
    [handshakeRecords(hello, Infinity, 2), 10, "268435679:UNEXPECTED_MESSAGE"],
    [record("16 0301 ffff"), 22, "268435602:ENCRYPTED_LENGTH_TOO_LONG"],
    [record("16 0301 0004 01004001"), 47, "268435606:EXCESSIVE_MESSAGE_SIZE"],
    // In records of one byte each, whose end is not waited for.
    [
      handshakeRecords(Buffer.alloc(16_000), 1).subarray(0, 17 * 1024),
      47,
      "268435606:EXCESSIVE_MESSAGE_SIZE",
    ],
    [
      Buffer.concat(Array(33).fill(record("16 0301 0000"))),
      10,
      "268435675:TOO_MANY_EMPTY_FRAGMENTS",
    ],
    [handshakeRecords(hello.subarray(0, 20)), 50, "268435587:CLIENTHELLO_PARSE_FAILED"],
    [
      handshakeRecords(clientHello({ extensions: [serverName("")] })),
      50,
      "268435605:ERROR_PARSING_EXTENSION",
    ],
  ];
  for (const [bytes, alert, error] of cases) {
    const rig = await serve(t, { requireSni: true });
    const client = net.connect(rig.port, "127.0.0.1", () => client.write(bytes));
    const answer: Buffer[] = [];
    client.on("error", () => {});
    client.on("data", (data) => answer.push(data as Buffer));
    await new Promise((resolve) => client.once("close", resolve));
    const sent = alert === 0 ? [] : [21, 3, 1, 0, 2, 2, alert];
    assert.deepEqual(Buffer.concat(answer), Buffer.from(sent), error);
    const [number, name] = error.split(":");
    assert.equal(
      rig.server.connection.tls!.failureReason,
      `TLS_error:|${number}:SSL routines:OPENSSL_internal:${name}:TLS_error_end`,
    );
    assert.equal(errors(rig), 1, error);
    assert.deepEqual(rig.exceptions, []);
  }
  const rig = await serve(t);
  const client = net.connect(rig.port, "127.0.0.1", () =>
    client.write(record("15 0301 0002 0100")),
  );
  client.on("error", () => {});
  assert.equal(await rig.server.closed, "remote");
  assert.equal(errors(rig), 0, "a goodbye is no error");
});

void test("HTTP on a TLS port, garbage, and half a hello close without an exception", async (t) => {
  const cases: [string, string, number][] = [
    ["GET / HTTP/1.1\r\n\r\n", "HTTP_REQUEST", 1],
    ["\u0000\u0001garbage that is no record", "WRONG_VERSION_NUMBER", 1],
    ["\u0016\u0003\u0001\u0002\u0000\u0001\u0000", "", 0],
  ];
  for (const [bytes, reason, counted] of cases) {
    const rig = await serve(t);
    const client = net.connect(rig.port, "127.0.0.1");
    client.on("error", () => {});
    client.end(Buffer.from(bytes, "latin1"));
    assert.equal(await rig.server.closed, "remote");
    const text = rig.server.connection.tls!.failureReason;
    assert.ok(reason === "" ? text === "" : text.includes(`:${reason}:`), text);
    assert.equal(errors(rig), counted, reason);
    assert.equal(rig.server.connection.tls!.version, "TLSv1.2", "before one is agreed on");
    assert.equal(rig.server.connection.tls!.localCertificate!.subject, "CN=leaf");
    assert.deepEqual(rig.server.chunks, []);
    assert.deepEqual(rig.exceptions, []);
  }
});
