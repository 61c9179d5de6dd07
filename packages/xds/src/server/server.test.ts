import assert from "node:assert/strict";
import { test } from "node:test";
import { typeUrlOf } from "../types/resource-type.ts";
import { LinearCache } from "./linear-cache.ts";
import { ManualClock } from "./manual-clock.test-support.ts";
import { endpoints } from "./resources.test-support.ts";
import { DeltaClient, SotwClient } from "./scripted-client.test-support.ts";
import { XdsServer } from "./server.ts";

const EDS = typeUrlOf("EDS");

test("callbacks are told of streams, requests and responses in their order", () => {
  const seen: string[] = [];
  const server = new XdsServer({
    cache: new LinearCache(EDS, [endpoints("e")]),
    callbacks: {
      onStreamOpen: ({ id, variant }) => void seen.push(`open ${id} ${variant}`),
      onRequest: ({ id, node }) => void seen.push(`request ${id} ${node?.id}`),
      onResponse: ({ id, node }, { nonce }) =>
        void seen.push(`response ${id} ${node?.id} ${nonce}`),
      onStreamClosed: ({ id }) => void seen.push(`closed ${id}`),
    },
  });
  const client = new DeltaClient(server, EDS);
  client.subscribe("EDS", ["e"]);
  client.settle();
  client.stream.close();
  client.stream.close();
  assert.deepEqual(seen, [
    "open 1 delta",
    "request 1 undefined",
    "response 1 n 1",
    "request 1 n",
    "closed 1",
  ]);
});

test("a callback refuses a stream before it is one", () => {
  const server = new XdsServer({
    cache: new LinearCache(EDS),
    callbacks: {
      onStreamOpen() {
        throw new Error("full");
      },
    },
  });
  assert.throws(() => server.openSotw({ onReady() {} }), /full/);
  assert.deepEqual(server.status(), []);
});

test("who has which version of a resource is known, and who refused it with which words", () => {
  const cache = new LinearCache(EDS, [endpoints("e")]);
  const clock = new ManualClock();
  const server = new XdsServer({ cache, clock });
  const [accepts, refuses, silent] = [1, 2, 3].map(() => new DeltaClient(server));
  const other = new SotwClient(server);
  for (const client of [accepts!, refuses!, silent!]) client.subscribe("EDS", ["e", "missing"]);
  other.want("EDS", ["f"]);
  accepts!.settle();
  refuses!.drain();
  silent!.drain();
  clock.advance(5);
  refuses!.nack("EDS", "no thanks");
  const { version } = endpoints("e");
  assert.deepEqual(
    server.statusOf(EDS, "e").map(({ stream: { id }, ...rest }) => ({ id, ...rest })),
    [
      { id: 1, name: "e", version, state: "accepted", refusal: undefined },
      {
        id: 2,
        name: "e",
        version,
        state: "refused",
        refusal: { version, message: "no thanks", atMs: 5 },
      },
      { id: 3, name: "e", version, state: "sent", refusal: undefined },
    ],
  );
  assert.deepEqual(
    server.statusOf(EDS, "missing").map(({ state }) => state),
    ["absent", "absent", "absent"],
  );
  assert.equal(server.status()[1]?.types[0]?.resources[0]?.state, "refused");
});
