import assert from "node:assert/strict";
import { once } from "node:events";
import http2 from "node:http2";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import { create, toBinary } from "@bufbuild/protobuf";
import { grpcFrameOf } from "@nuncio/codec";
import { aggregatedMethod } from "../client/discovery-method.ts";
import type { StreamConnection } from "../client/stream-transport.ts";
import type { DiscoveryRequest, DiscoveryResponse } from "../types/discovery-messages.ts";
import { discoverySchemas } from "../types/discovery-messages.ts";
import { EventQueue } from "./event-queue.test-support.ts";
import { GrpcTransport } from "./grpc-client.ts";

const options = { timeout: 20_000 };
const FOR_EVER_MS = 1_000_000;
/** Turns of the loop: far more than it takes from one socket to another on the loopback. */
const TURNS = 200;

/** A stream to a control plane that says what the test has it say. */
async function open(
  t: TestContext,
  restMs: () => number,
): Promise<{
  connection: StreamConnection<DiscoveryRequest>;
  told: EventQueue<string>;
  seen: string[];
  /** Resolves when it is in the hands of the kernel. */
  say(...pieces: readonly Buffer[]): Promise<void>;
}> {
  const server = http2.createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const port = (server.address() as AddressInfo).port;
  const accepted = once(server, "stream");
  const told = new EventQueue<string>();
  const seen: string[] = [];
  const transport = new GrpcTransport<DiscoveryRequest, DiscoveryResponse>(
    { url: `http://127.0.0.1:${port}`, restMs },
    aggregatedMethod(false),
  );
  const connection = transport.connect({
    onOpen: () => {},
    onMessage: ({ versionInfo }) => {
      seen.push(versionInfo);
      told.push(versionInfo);
    },
    onClose: (reason) => told.push(reason),
  });
  const [stream] = (await accepted) as [http2.ServerHttp2Stream];
  stream.on("error", () => {});
  stream.respond({ ":status": 200, "content-type": "application/grpc" });
  t.after(() => {
    connection.close();
    stream.session?.destroy();
    server.close();
  });
  return {
    connection,
    told,
    seen,
    say: (...pieces) =>
      new Promise((resolve) => stream.write(Buffer.concat(pieces), () => resolve())),
  };
}

async function someTurns(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

function response(versionInfo: string): Buffer {
  const { response: schema } = discoverySchemas();
  return grpcFrameOf(Buffer.from(toBinary(schema, create(schema, { versionInfo }))));
}

test("what comes while a stream rests is taken together when it goes on", options, async (t) => {
  const rests = [FOR_EVER_MS, 0, 0];
  let asked = 0;
  const { connection, told, seen, say } = await open(t, () => rests[asked++] ?? 0);
  await say(response("a"));
  assert.equal(await told.next(), "a");
  await say(response("b"));
  await say(response("c"));
  await someTurns();
  assert.deepEqual(seen, ["a"]);
  connection.send(create(discoverySchemas().request, { versionInfo: "more" }));
  assert.deepEqual([await told.next(), await told.next()], ["b", "c"]);
});

test("a rest ends by itself", options, async (t) => {
  let rests = 0;
  const { told, say } = await open(t, () => {
    rests += 1;
    return 5;
  });
  for (const version of ["a", "b", "c"]) {
    await say(response(version));
    assert.equal(await told.next(), version);
  }
  assert.equal(rests, 3);
});

test("there is no rest inside of a message", options, async (t) => {
  const { told, seen, say } = await open(t, () => FOR_EVER_MS);
  const message = response("a");
  await say(message.subarray(0, 4));
  await someTurns();
  assert.deepEqual(seen, []);
  await say(message.subarray(4));
  assert.equal(await told.next(), "a");
});

test("a stream that is closed while it rests tells nothing more", options, async (t) => {
  const { connection, told, seen, say } = await open(t, () => FOR_EVER_MS);
  await say(response("a"));
  assert.equal(await told.next(), "a");
  await say(response("b"));
  connection.close();
  await someTurns();
  assert.deepEqual(seen, ["a"]);
});
