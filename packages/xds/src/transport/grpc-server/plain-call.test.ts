import assert from "node:assert/strict";
import { once } from "node:events";
import http2 from "node:http2";
import { after, test } from "node:test";
import { create, fromBinary, toBinary, type MessageInitShape } from "@bufbuild/protobuf";
import { GrpcFrameReader, grpcFrameOf } from "@nuncio/codec";
import { endpoints, node } from "../../server/resources.test-support.ts";
import { XdsServer } from "../../server/server.ts";
import { SnapshotCache } from "../../server/snapshot-cache.ts";
import { Snapshot } from "../../server/snapshot.ts";
import { discoverySchemas, type DeltaDiscoveryResponse } from "../../types/discovery-messages.ts";
import { typeUrlOf } from "../../types/resource-type.ts";
import { listenGrpc } from "./grpc-server.ts";
import { isPlainCall } from "./plain-call.ts";

const { deltaRequest, deltaResponse } = discoverySchemas();
const PATH = "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources";

test("a deadline, encoded messages and other content are Connect's", () => {
  const type = { "content-type": "application/grpc" };
  assert.equal(isPlainCall(type), true);
  assert.equal(isPlainCall({ "content-type": "application/grpc+proto" }), true);
  assert.equal(isPlainCall({ ...type, "grpc-encoding": "identity" }), true);
  assert.equal(isPlainCall({ ...type, "grpc-encoding": "gzip" }), false);
  assert.equal(isPlainCall({ ...type, "grpc-timeout": "1S" }), false);
  assert.equal(isPlainCall({ "content-type": "application/grpc+json" }), false);
  assert.equal(isPlainCall({}), false);
});

test("a message may come byte by byte, and several at once", async () => {
  const { call, messages, count } = await fixture();
  const wants = frame({ node: node(), typeUrl: typeUrlOf("EDS"), resourceNamesSubscribe: ["a"] });
  for (const byte of wants) call.write(Uint8Array.of(byte));
  await count(1);
  const [first] = messages;
  assert.deepEqual(
    first?.resources.map(({ name }) => name),
    ["a"],
  );
  const answer = frame({ typeUrl: typeUrlOf("EDS"), responseNonce: first.nonce });
  const more = frame({ typeUrl: typeUrlOf("EDS"), resourceNamesSubscribe: ["b"] });
  call.write(Buffer.concat([answer, more]));
  await count(2);
  assert.deepEqual(
    messages[1]?.resources.map(({ name }) => name),
    ["b"],
  );
});

test("a client that has nothing more to say gets what there is, and a good end", async () => {
  const { call, messages, trailers } = await fixture();
  call.end(frame({ node: node(), typeUrl: typeUrlOf("EDS"), resourceNamesSubscribe: ["a"] }));
  assert.equal((await trailers)["grpc-status"], "0");
  assert.equal(messages.length, 1);
});

test("what is no message, and an encoded one, end the call with the reason", async () => {
  const one = await fixture();
  one.call.write(grpcFrameOf(Buffer.from([0xff])));
  const status = await one.trailers;
  assert.equal(status["grpc-status"], "3");
  assert.match(String(status["grpc-message"]), /^not a DeltaDiscoveryRequest: /);
  const other = await fixture();
  other.call.write(Buffer.from([1, 0, 0, 0, 1, 0]));
  assert.match(String((await other.trailers)["grpc-message"]), /got a compressed one/);
});

function frame(init: MessageInitShape<typeof deltaRequest>): Buffer {
  return grpcFrameOf(Buffer.from(toBinary(deltaRequest, create(deltaRequest, init))));
}

async function fixture(): Promise<{
  readonly call: http2.ClientHttp2Stream;
  readonly messages: DeltaDiscoveryResponse[];
  readonly trailers: Promise<http2.IncomingHttpHeaders>;
  /** Resolves when so many messages have come. */
  count(messages: number): Promise<void>;
}> {
  const cache = new SnapshotCache();
  cache.set("n", new Snapshot([endpoints("a"), endpoints("b")]));
  const listening = await listenGrpc(new XdsServer({ cache }));
  const session = http2.connect(`http://127.0.0.1:${listening.address.port}`);
  after(async () => {
    session.destroy();
    await listening.close();
  });
  const call = session.request({
    ":method": "POST",
    ":path": PATH,
    "content-type": "application/grpc",
    te: "trailers",
  });
  const messages: DeltaDiscoveryResponse[] = [];
  const reader = new GrpcFrameReader(0);
  let check = (): void => {};
  call.on("data", (data: Buffer) => {
    reader.push(data);
    for (let message = reader.read(); message !== null; message = reader.read())
      messages.push(fromBinary(deltaResponse, Uint8Array.from(message)));
    check();
  });
  return {
    call,
    messages,
    trailers: once(call, "trailers").then(([trailers]) => trailers as http2.IncomingHttpHeaders),
    count: (expected) =>
      new Promise((resolve) => {
        check = () => {
          if (messages.length >= expected) resolve();
        };
        check();
      }),
  };
}
