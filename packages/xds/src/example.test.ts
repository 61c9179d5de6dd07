import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { node } from "./server/resources.test-support.ts";
import { openCall } from "./transport/grpc-server/grpc-call.test-support.ts";
import { ADS_SERVICE, discoverySchemas } from "./types/discovery-messages.ts";
import type { DeltaDiscoveryRequest, DeltaDiscoveryResponse } from "./types/discovery-messages.ts";
import { typeUrlOf } from "./types/resource-type.ts";

const EXAMPLE = new URL("../example/main.ts", import.meta.url).pathname;

test("the example is a control plane", { timeout: 30_000 }, async () => {
  const child = spawn(process.execPath, [EXAMPLE], {
    env: { ...process.env, PORT: "0" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const [line] = (await once(createInterface(child.stdout), "line")) as [string];
    const [, port] = /^xDS on port (\d+)$/.exec(line) ?? [];
    const call = openCall<DeltaDiscoveryRequest, DeltaDiscoveryResponse>(
      `http://127.0.0.1:${port}`,
      ADS_SERVICE,
      "DeltaAggregatedResources",
    );
    const schema = discoverySchemas().deltaRequest;
    for (const [type, names, expected] of [
      ["CDS", ["*"], ["v1", "v2"]],
      ["EDS", ["v1", "v2"], ["v1", "v2"]],
      ["LDS", ["*"], ["web"]],
      ["RDS", ["web"], ["web"]],
    ] as const) {
      const typeUrl = typeUrlOf(type);
      call.send(create(schema, { node: node(), typeUrl, resourceNamesSubscribe: [...names] }));
      const { resources, nonce } = await call.read();
      assert.deepEqual(
        resources.map(({ name }) => name),
        expected,
      );
      call.send(create(schema, { typeUrl, responseNonce: nonce }));
    }
    call.abort();
  } finally {
    child.kill();
  }
});
