import "reflect-metadata";
import assert from "node:assert/strict";
import { once } from "node:events";
import http2 from "node:http2";
import net, { type AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import { create, toBinary } from "@bufbuild/protobuf";
import { DEFAULT_HTTP2_OPTIONS, GrpcFrameReader, grpcFrameOf } from "@nuncio/codec";
import { X509CertificateGenerator } from "@peculiar/x509";
import { aggregatedMethod } from "../client/discovery-method.ts";
import type { StreamConnection } from "../client/stream-transport.ts";
import type { DiscoveryRequest, DiscoveryResponse } from "../types/discovery-messages.ts";
import { discoverySchemas } from "../types/discovery-messages.ts";
import { EventQueue } from "./event-queue.test-support.ts";
import { type GrpcEndpoint, GrpcTransport } from "./grpc-client.ts";

const options = { timeout: 20_000 };
const HEAD = { ":status": 200, "content-type": "application/grpc" };
const WELL = "the control plane ended the stream";

type Answer = (stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders) => void;

async function listen(t: TestContext, server: net.Server, answer: Answer): Promise<number> {
  const sessions = new Set<http2.Http2Session>();
  server.on("session", (session: http2.Http2Session) => sessions.add(session));
  server.on("stream", (stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders) => {
    stream.on("error", () => {});
    answer(stream, headers);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    for (const session of sessions) session.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** What a stream tells, in lines; its end with the reason. */
function open(
  t: TestContext,
  endpoint: GrpcEndpoint,
): { told: EventQueue<string>; connection: StreamConnection<DiscoveryRequest> } {
  const told = new EventQueue<string>();
  const transport = new GrpcTransport<DiscoveryRequest, DiscoveryResponse>(
    endpoint,
    aggregatedMethod(false),
  );
  const connection = transport.connect({
    onOpen: () => told.push("open"),
    onMessage: ({ versionInfo }) => {
      if (versionInfo === "throw") throw new Error("the owner is broken");
      told.push(versionInfo);
      if (versionInfo === "ask") connection.send(request("a", 100_000));
    },
    onClose: (reason, isFailure) => told.push(`${isFailure === true ? "! " : ""}${reason}`),
  });
  t.after(() => connection.close());
  return { told, connection };
}

async function untilEnd(told: EventQueue<string>): Promise<string[]> {
  const lines: string[] = [];
  assert.equal(await told.next(), "open");
  while (!/ /.test(lines.at(-1) ?? "")) lines.push(await told.next());
  return lines;
}

function response(versionInfo: string): Buffer {
  const { response: schema } = discoverySchemas();
  return grpcFrameOf(Buffer.from(toBinary(schema, create(schema, { versionInfo }))));
}

function request(versionInfo: string, bytes = 0): DiscoveryRequest {
  return create(discoverySchemas().request, { versionInfo, typeUrl: "x".repeat(bytes) });
}

/** Answers with these pieces of content and these trailers. */
function whole(pieces: readonly Buffer[], trailers: http2.OutgoingHttpHeaders, head = {}): Answer {
  return (stream) => {
    stream.respond({ ...HEAD, ...head }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers(trailers));
    for (const piece of pieces) stream.write(piece);
    stream.end();
  };
}

function only(head: http2.OutgoingHttpHeaders): Answer {
  return (stream) => stream.respond({ ...HEAD, ...head }, { endStream: true });
}

/** It serves no stream; NO_ERROR. */
const GOAWAY = Uint8Array.of(0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
const COMPRESSED = response("a");
COMPRESSED[0] = 1;
const OK = { "grpc-status": "0" };

/** What a control plane answers, and what is told of it. */
const CASES: Record<string, readonly [answer: Answer, ...told: string[]]> = {
  "a status that is well": [whole([response("a")], OK), "a", WELL],
  "a message in many pieces": [
    whole(
      Array.from(Buffer.concat([response("a"), response("b")]), (byte) => Buffer.of(byte)),
      OK,
    ),
    "a",
    "b",
    WELL,
  ],
  "a percent-encoded text": [
    whole([], { "grpc-status": "14", "grpc-message": "gr%C3%BC%C3%9Fe 100% %zz" }),
    "! Unavailable: grüße 100% %zz",
  ],
  "trailers alone": [only({ "grpc-status": "7", "grpc-message": "no" }), "! PermissionDenied: no"],
  "trailers alone that are well": [only(OK), WELL],
  "trailers alone with a status of HTTP": [
    only({ ":status": 503, "grpc-status": "8", "grpc-message": "later" }),
    "! ResourceExhausted: later",
  ],
  "a status that is none": [
    whole([], { "grpc-status": "99" }),
    "! Internal: invalid grpc-status: 99",
  ],
  "no status": [
    whole([response("a")], {}),
    "a",
    "! Internal: the response ended without grpc-status",
  ],
  "no status, and no content": [only({}), "! Internal: the response ended without grpc-status"],
  "another status of HTTP": [only({ ":status": 503 }), "! Unavailable: HTTP 503"],
  "a page": [
    (stream) => {
      stream.respond({ ":status": 200, "content-type": "text/html" });
      stream.end("hello");
    },
    "! Unknown: expected content type application/grpc, got text/html",
  ],
  "half a message": [
    whole([response("a").subarray(0, -1)], OK),
    "! Internal: the stream ended inside of a message",
  ],
  "a compressed message": [
    whole([COMPRESSED], OK, { "grpc-encoding": "gzip" }),
    "! Internal: expected messages as they are, got a compressed one (grpc-encoding: gzip)",
  ],
  "a message that is too long": [
    whole([response("a"), response("b".repeat(200))], OK),
    "a",
    "! ResourceExhausted: expected messages of at most 100 bytes, got a larger one",
  ],
  "a reset": [
    (stream) => stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR),
    "! Internal: the control plane reset the stream",
  ],
  "a stream that is refused": [
    (stream) => stream.close(http2.constants.NGHTTP2_REFUSED_STREAM),
    "! Unavailable: the control plane takes no stream on this connection",
  ],
  "a connection that ends": [
    (stream) => {
      stream.respond(HEAD);
      stream.write(response("a"), () => stream.session?.destroy());
    },
    "a",
    "! Unavailable: the connection was closed",
  ],
  "an owner that fails": [whole([response("throw")], OK), "! the owner is broken"],
};

for (const [name, [answer, ...expected]] of Object.entries(CASES)) {
  test(`what is told of ${name}`, options, async (t) => {
    const port = await listen(t, http2.createServer(), answer);
    const { told } = open(t, { url: `http://127.0.0.1:${port}`, messageBytesMax: 100 });
    assert.deepEqual(await untilEnd(told), expected);
  });
}

test("a stream that a GOAWAY leaves out is refused", options, async (t) => {
  const server = net.createServer((socket) => {
    socket.on("error", () => {});
    socket.write(Uint8Array.of(0, 0, 0, 4, 0, 0, 0, 0, 0));
    // It comes with the request, or behind it.
    socket.once("data", () => socket.write(GOAWAY));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const { told } = open(t, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
  assert.deepEqual(await untilEnd(told), [
    "! Unavailable: the control plane takes no stream on this connection",
  ]);
});

test("a stream goes on behind a GOAWAY that serves it", options, async (t) => {
  const port = await listen(t, http2.createServer(), (stream) => {
    stream.session?.goaway(http2.constants.NGHTTP2_NO_ERROR, stream.id);
    whole([response("a")], OK)(stream, {});
  });
  const { told } = open(t, { url: `http://127.0.0.1:${port}` });
  assert.deepEqual(await untilEnd(told), ["a", WELL]);
});

test("the request is one of gRPC, and has the headers that were given", options, async (t) => {
  const seen = new EventQueue<http2.IncomingHttpHeaders>();
  const port = await listen(t, http2.createServer(), (stream, headers) => {
    seen.push(headers);
    stream.close();
  });
  const headers = [["X-Token", "grüße"]] as const;
  open(t, { url: `http://127.0.0.1:${port}`, headers });
  const head = await seen.next();
  assert.equal(head[":method"], "POST");
  assert.equal(
    head[":path"],
    "/envoy.service.discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources",
  );
  assert.equal(head["content-type"], "application/grpc");
  assert.equal(head["te"], "trailers");
  assert.equal(head["user-agent"], "nuncio");
  assert.equal(Buffer.from(head["x-token"] as string, "latin1").toString(), "grüße");
});

test("a header that cannot be one is told", options, async (t) => {
  const port = await listen(t, http2.createServer(), () => {});
  const headers = [["x-token", "a\nb"]] as const;
  const { told } = open(t, { url: `http://127.0.0.1:${port}`, headers });
  assert.match(await told.next(), /^! Invalid character in header content \["x-token"\]/);
});

test("while a control plane does not read, it is not read either", options, async (t) => {
  const opened = new EventQueue<http2.ServerHttp2Stream>();
  const port = await listen(t, http2.createServer(), (stream) => {
    stream.respond(HEAD);
    for (const version of ["ask", "ask", "b"]) stream.write(response(version));
    opened.push(stream);
  });
  const { told, connection } = open(t, {
    url: `http://127.0.0.1:${port}`,
    waitingRequestsMax: 1,
    http2: { ...DEFAULT_HTTP2_OPTIONS, streamBufferLimitBytes: 1000 },
  });
  const stream = await opened.next();
  assert.equal(await told.next(), "open");
  assert.equal(await told.next(), "ask");
  // The window is used up, and the buffer full: the second request waits, and `b` with it.
  assert.equal(await told.next(), "ask");
  stream.session!.ping(() => told.push("answered"));
  assert.equal(await told.next(), "answered");
  const reader = new GrpcFrameReader(0);
  let requests = 0;
  stream.on("data", (piece: Buffer) => {
    reader.push(piece);
    while (reader.read() !== null) requests += 1;
    if (requests === 2) told.push("both requests");
  });
  assert.deepEqual([await told.next(), await told.next()].sort(), ["b", "both requests"]);
  connection.close();
});

test("over TLS, with whom the client trusts", options, async (t) => {
  const keys = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, [
    "sign",
    "verify",
  ]);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: "CN=127.0.0.1",
    keys,
    signingAlgorithm: { name: "ECDSA", hash: "SHA-256" },
  });
  const cert = certificate.toString("pem");
  const der = Buffer.from(await crypto.subtle.exportKey("pkcs8", keys.privateKey));
  const key = `-----BEGIN PRIVATE KEY-----\n${der.toString("base64")}\n-----END PRIVATE KEY-----\n`;
  const schemes: unknown[] = [];
  const port = await listen(t, http2.createSecureServer({ cert, key }), (stream, headers) => {
    schemes.push(headers[":scheme"]);
    whole([response("a")], OK)(stream, headers);
  });
  const url = `https://127.0.0.1:${port}`;
  const stranger = open(t, { url });
  assert.match(await stranger.told.next(), /^! self-signed certificate/);
  const tls = { ca: cert, checkServerIdentity: () => undefined };
  const { told } = open(t, { url, tls });
  assert.deepEqual(await untilEnd(told), ["a", WELL]);
  assert.deepEqual(schemes, ["https"]);
});
