import assert from "node:assert/strict";
import { test } from "node:test";
import { formatProblem, load, toJson } from "@nuncio/api";
import type { XdsClientStatus } from "../client/client-status.ts";
import { nodeCalled } from "../client/stream-rig.test-support.ts";
import { LinearCache } from "../server/linear-cache.ts";
import { ManualClock } from "../server/manual-clock.test-support.ts";
import { endpoints } from "../server/resources.test-support.ts";
import { DeltaClient } from "../server/scripted-client.test-support.ts";
import { XdsServer } from "../server/server.ts";
import { typeUrlOf } from "../types/resource-type.ts";
import type { ClientStatusRequest, ClientStatusResponse } from "./client-status-messages.ts";
import { clientStatusOfClient } from "./client-view.ts";
import { NodeMatcherError } from "./node-matcher.ts";

const EDS = typeUrlOf("EDS");

function request(yaml = "{}"): ClientStatusRequest {
  const { message, problems } = load<ClientStatusRequest>(
    "envoy.service.status.v3.ClientStatusRequest",
    [{ name: "request.yaml", content: yaml }],
  );
  assert.deepEqual(problems.list.map(formatProblem), []);
  return message;
}

/** The resources of all clients, times and messages left out. */
function told({ config }: ClientStatusResponse): object[] {
  return config.map(({ node, genericXdsConfigs }) => ({
    node: node?.id,
    resources: genericXdsConfigs.map((one) => {
      const {
        last_updated: _at,
        xds_config: content,
        ...rest
      } = toJson(one) as Record<string, unknown>;
      return content === undefined ? rest : { ...rest, content: true };
    }),
  }));
}

test("a server says what each client has been sent, has accepted and has refused", () => {
  const { version } = endpoints("e");
  const server = new XdsServer({
    cache: new LinearCache(EDS, [endpoints("e")]),
    clock: new ManualClock(),
  });
  const client = new DeltaClient(server);
  client.subscribe("EDS", ["e", "missing"]);
  const facts = { type_url: EDS, name: "e", version_info: version, content: true };
  const missing = { type_url: EDS, name: "missing", config_status: "NOT_SENT" };
  client.drain();
  assert.deepEqual(told(server.clientStatus(request())), [
    { node: "n", resources: [{ ...facts, config_status: "STALE" }, missing] },
  ]);
  client.ack("EDS");
  const accepted = server.clientStatus(request());
  assert.deepEqual(told(accepted), [
    { node: "n", resources: [{ ...facts, config_status: "SYNCED" }, missing] },
  ]);
  const [resource] = accepted.config[0]!.genericXdsConfigs;
  assert.deepEqual(resource!.xdsConfig!.value, endpoints("e").value);
  // By a clock of the wall, not by the server's own.
  assert.ok(Number(resource!.lastUpdated!.seconds) > 1_700_000_000);
});

test("what was refused is told with the client's words, and contents only when they are wanted", () => {
  const server = new XdsServer({ cache: new LinearCache(EDS, [endpoints("e")]) });
  const client = new DeltaClient(server);
  client.subscribe("EDS", ["e"]);
  client.drain();
  client.nack("EDS", "no thanks");
  const [config] = server.clientStatus(request("exclude_resource_contents: true")).config;
  const [resource] = config!.genericXdsConfigs;
  assert.equal(resource!.configStatus, 4);
  assert.equal(resource!.errorState!.details, "no thanks");
  assert.equal(resource!.errorState!.versionInfo, endpoints("e").version);
  assert.equal(resource!.xdsConfig, undefined);
});

test("streams of one node are one client, and matchers choose among nodes", () => {
  const server = new XdsServer({ cache: new LinearCache(EDS, [endpoints("e"), endpoints("f")]) });
  for (const name of ["e", "f"]) new DeltaClient(server).subscribe("EDS", [name]);
  const names = (yaml: string): unknown =>
    server
      .clientStatus(request(yaml))
      .config.map(({ genericXdsConfigs }) => genericXdsConfigs.map(({ name }) => name));
  assert.deepEqual(names("{}"), [["e", "f"]]);
  assert.deepEqual(names('node_matchers: [{ node_id: { exact: "n" } }]'), [["e", "f"]]);
  assert.deepEqual(names('node_matchers: [{ node_id: { prefix: "N", ignore_case: true } }]'), [
    ["e", "f"],
  ]);
  assert.deepEqual(names("node_matchers: [{ node_id: { suffix: x } }]"), []);
  assert.deepEqual(
    names('node_matchers: [{ node_id: { exact: x } }, { node_id: { contains: "n" } }]'),
    [["e", "f"]],
  );
  assert.throws(
    () => names('node_matchers: [{ node_id: { safe_regex: { regex: "n" } } }]'),
    (error) => error instanceof NodeMatcherError && error.message === "safe_regex: not supported",
  );
});

const STATUS: XdsClientStatus = {
  nowMs: 1000,
  sources: [
    {
      name: "ads",
      stream: {
        state: "connected",
        connectedSinceMs: 0,
        lastDisconnect: null,
        nextAttemptAtMs: null,
        attempts: 0,
        identifier: "",
        pendingTypeUrls: [],
        ignoredResponses: 0,
      },
      types: [
        {
          typeUrl: EDS,
          version: "7",
          resources: [
            {
              name: "e",
              state: "NACKED",
              version: "6",
              content: endpoints("e").value,
              acceptedAtMs: 500,
              sinceMs: 0,
              expiresAtMs: null,
              error: {
                message: "bad",
                place: null,
                version: "7",
                atMs: 900,
                isFromControlPlane: false,
              },
              waitsFor: null,
            },
            {
              name: "f",
              state: "REQUESTED",
              version: null,
              content: null,
              acceptedAtMs: null,
              sinceMs: 0,
              expiresAtMs: null,
              error: null,
              waitsFor: null,
            },
          ],
        },
      ],
    },
  ],
};

test("a client says what it has, and what was wrong with the last one", () => {
  const node = {
    ...nodeCalled("n"),
    metadata: { env: "prod", size: 3, tags: ["a", "b"], old: null },
  };
  const response = clientStatusOfClient(request(), STATUS, node, 1_700_000_001_000);
  const { generic_xds_configs: configs } = toJson(response.config[0]!) as Record<
    string,
    unknown
  > as {
    generic_xds_configs: Record<string, unknown>[];
  };
  const { xds_config: content, ...first } = configs[0]!;
  assert.notEqual(content, undefined);
  assert.deepEqual(first, {
    type_url: EDS,
    name: "e",
    version_info: "6",
    last_updated: "2023-11-14T22:13:20.500Z",
    client_status: "NACKED",
    error_state: {
      last_update_attempt: "2023-11-14T22:13:20.900Z",
      details: "bad",
      version_info: "7",
    },
  });
  assert.deepEqual(configs[1], { type_url: EDS, name: "f", client_status: "REQUESTED" });
});

test("nodes are chosen by their metadata", () => {
  const node = {
    ...nodeCalled("n"),
    metadata: { env: "prod", size: 3, tags: ["a", "b"], old: null, live: true },
  };
  const fits = (path: string, value: string): boolean =>
    clientStatusOfClient(
      request(
        `node_matchers: [{ node_metadatas: [{ path: [{ key: ${path} }], value: ${value} }] }]`,
      ),
      STATUS,
      node,
      0,
    ).config.length === 1;
  assert.ok(fits("env", "{ string_match: { exact: prod } }"));
  assert.ok(!fits("env", "{ string_match: { exact: test } }"));
  assert.ok(fits("size", "{ double_match: { exact: 3 } }"));
  assert.ok(fits("size", "{ double_match: { range: { start: 3, end: 4 } } }"));
  assert.ok(!fits("size", "{ double_match: { range: { start: 1, end: 3 } } }"));
  assert.ok(fits("tags", "{ list_match: { one_of: { string_match: { exact: b } } } }"));
  assert.ok(fits("old", "{ null_match: {} }"));
  assert.ok(fits("live", "{ bool_match: true }"));
  assert.ok(fits("live", "{ present_match: true }"));
  assert.ok(!fits("nothing", "{ present_match: true }"));
  assert.ok(
    fits(
      "env",
      "{ or_match: { value_matchers: [{ null_match: {} }, { string_match: { prefix: p } }] } }",
    ),
  );
  assert.ok(!fits("env }, { key: deeper", "{ present_match: true }"));
});
