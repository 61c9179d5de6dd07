import assert from "node:assert/strict";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { restPath } from "../client/discovery-method.ts";
import type { PollResult } from "../client/rest-subscription.ts";
import { newMessage } from "../client/stream-rig.test-support.ts";
import type { DiscoveryRequest } from "../types/discovery-messages.ts";
import { typeUrlOf } from "../types/resource-type.ts";
import { RestTransport } from "./rest-client.ts";

const CDS = typeUrlOf("CDS");

async function poll(
  context: TestContext,
  answer: http.RequestListener,
  limits: { requestTimeoutMs?: number; responseBytesMax?: number } = {},
): Promise<PollResult> {
  const server = http.createServer(answer);
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  context.after(() => server.closeAllConnections());
  context.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}${restPath(CDS)}`;
  const request = newMessage("envoy.service.discovery.v3.DiscoveryRequest", {
    typeUrl: CDS,
    versionInfo: "7",
    resourceNames: ["a"],
  }) as DiscoveryRequest;
  const transport = new RestTransport({ url, requestTimeoutMs: 10_000, ...limits });
  return new Promise((resolve) => {
    transport.poll(request, resolve);
  });
}

test("types are polled where their services say", () => {
  assert.equal(restPath(CDS), "/v3/discovery:clusters");
  assert.equal(restPath(typeUrlOf("RTDS")), "/v3/discovery:runtime");
  assert.equal(restPath(typeUrlOf("VHDS")), undefined);
});

test("a poll is a POST of JSON both ways", async (context) => {
  let seen = "";
  const result = await poll(context, (request, response) => {
    request.setEncoding("utf8");
    request.on("data", (chunk: string) => (seen += chunk));
    request.on("end", () => {
      seen = `${request.method} ${request.url} ${request.headers["content-type"]} ${seen}`;
      response.end(JSON.stringify({ version_info: "8", resources: [{ "@type": CDS, name: "a" }] }));
    });
  });
  const body = { version_info: "7", resource_names: ["a"], type_url: CDS };
  assert.equal(seen, `POST /v3/discovery:clusters application/json ${JSON.stringify(body)}`);
  assert.ok(result.kind === "response");
  assert.equal(result.response.versionInfo, "8");
  assert.equal(result.response.resources[0]?.typeUrl, CDS);
});

test("304 says that nothing is newer; other statuses are failures", async (context) => {
  const status = (code: number) => (_: http.IncomingMessage, response: http.ServerResponse) =>
    response.writeHead(code).end();
  assert.deepEqual(await poll(context, status(304)), { kind: "not-modified" });
  assert.deepEqual(await poll(context, status(503)), {
    kind: "failed",
    reason: "expected status 200 or 304, got 503",
  });
});

test("an answer that is no DiscoveryResponse is told by place", async (context) => {
  const result = await poll(context, (_, response) => response.end('{"resources": [{"@type": 1}]'));
  assert.ok(result.kind === "unreadable");
  assert.match(result.problem, /discovery:clusters:1:\d+/);
});

test("an answer that takes too long, is too long, or breaks off is a failure", async (context) => {
  const never = await poll(context, () => {}, { requestTimeoutMs: 20 });
  assert.ok(never.kind === "failed");
  assert.match(never.reason, /timeout/);
  const long = await poll(context, (_, response) => response.end(" ".repeat(2000)), {
    responseBytesMax: 1000,
  });
  assert.deepEqual(long, { kind: "failed", reason: "expected at most 1000 bytes, got more" });
  const broken = await poll(context, (request, response) => {
    response.writeHead(200, { "content-length": "100" }).write("{");
    request.socket.destroySoon();
  });
  assert.equal(broken.kind, "failed");
});
