import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { type DescMethodUnary } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { load } from "@nuncio/api";
import {
  clientStatusMethods,
  type ClientStatusRequest,
  type ClientStatusResponse,
} from "../../client-status/client-status-messages.ts";
import { LinearCache } from "../../server/linear-cache.ts";
import { endpoints } from "../../server/resources.test-support.ts";
import { DeltaClient } from "../../server/scripted-client.test-support.ts";
import { XdsServer } from "../../server/server.ts";
import { typeUrlOf } from "../../types/resource-type.ts";
import { openCall } from "./grpc-call.test-support.ts";
import { listenGrpc } from "./grpc-server.ts";

const SERVICE = "envoy.service.status.v3.ClientStatusDiscoveryService";

/** A server with a client `n`; the URL that it is asked at. */
async function serve(t: TestContext, clientStatus: boolean): Promise<string> {
  const server = new XdsServer({ cache: new LinearCache(typeUrlOf("EDS"), [endpoints("e")]) });
  new DeltaClient(server).subscribe("EDS", ["e"]);
  const listening = await listenGrpc(server, { clientStatus });
  t.after(() => listening.close());
  return `http://127.0.0.1:${listening.address.port}`;
}

function newRequest(yaml = "{}"): ClientStatusRequest {
  const type = "envoy.service.status.v3.ClientStatusRequest";
  return load<ClientStatusRequest>(type, [{ name: "request.yaml", content: yaml }]).message;
}

async function fetchStatus(baseUrl: string, yaml?: string): Promise<ClientStatusResponse> {
  const method = clientStatusMethods().find(({ methodKind }) => methodKind === "unary");
  const transport = createGrpcTransport({ baseUrl });
  const { message } = await transport.unary(
    method as DescMethodUnary,
    undefined,
    undefined,
    undefined,
    newRequest(yaml),
  );
  return message as ClientStatusResponse;
}

test("whoever asks is told once, or again and again", async (t) => {
  const url = await serve(t, true);
  const { config } = await fetchStatus(url);
  assert.equal(config[0]?.node?.id, "n");
  assert.deepEqual(
    config[0].genericXdsConfigs.map(({ name }) => name),
    ["e"],
  );
  const call = openCall<ClientStatusRequest, ClientStatusResponse>(
    url,
    SERVICE,
    "StreamClientStatus",
  );
  for (const [yaml, count] of [
    ["{}", 1],
    ["node_matchers: [{ node_id: { exact: other } }]", 0],
  ] as const) {
    call.send(newRequest(yaml));
    assert.equal((await call.read()).config.length, count);
  }
  call.abort();
});

test("a matcher that is not there is refused by name", async (t) => {
  const url = await serve(t, true);
  const asked = fetchStatus(url, "node_matchers: [{ node_id: { safe_regex: { regex: n } } }]");
  await assert.rejects(
    asked,
    (error) =>
      error instanceof ConnectError &&
      error.code === Code.InvalidArgument &&
      error.rawMessage === "safe_regex: not supported",
  );
});

test("nobody is told unless the server was made so", async (t) => {
  const url = await serve(t, false);
  await assert.rejects(
    fetchStatus(url),
    (error) => error instanceof ConnectError && error.code === Code.Unimplemented,
  );
});
