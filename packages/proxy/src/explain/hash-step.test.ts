import assert from "node:assert/strict";
import { test } from "node:test";
import { httpBootstrap, ROUTER_FILTER } from "../testing/bootstrap.ts";
import { RawClient, startOrigin, type Origin } from "../testing/origin.ts";
import { startProxy } from "../testing/proxy.ts";
import { explanationText } from "./explanation-text.ts";
import type { Explanation, HashStep } from "./model.ts";
import { explainerOf } from "./testing/explainer.ts";
import { noPaint } from "./text-tree.ts";

const POLICIES = `[{ header: { header_name: x-key }, terminal: true }, { cookie: { name: s, ttl: 60s } },
                   { query_parameter: { name: q } }, { connection_properties: { source_ip: true } }, { filter_state: { key: k } }]`;

/** A bootstrap with a cluster `hashed` of these ports, and `plain`. */
function bootstrap(ports: readonly number[], lbPolicy: string): string {
  const endpoints = ports.map(
    (port) =>
      `{ endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: ${port} } } } }`,
  );
  const hosts = `endpoints: [{ lb_endpoints: [${endpoints.join(", ")}] }]`;
  const cluster = (name: string, policy: string): string =>
    `{ name: ${name}, lb_policy: ${policy}, load_assignment: { cluster_name: ${name}, ${hosts} } }`;
  return httpBootstrap(
    `use_remote_address: true
          http_filters: [${ROUTER_FILTER}]
          route_config:
            virtual_hosts:
            - name: v
              domains: ["*"]
              routes:
              - match: { prefix: /weighted }
                route: { weighted_clusters: { use_hash_policy: true, clusters: [{ name: hashed, weight: 1 }, { name: plain, weight: 1 }] },
                         hash_policy: [{ header: { header_name: x-key } }] }
              - match: { prefix: /plain }
                route: { cluster: plain, hash_policy: ${POLICIES} }
              - match: { prefix: /mirrored }
                route: { cluster: plain, request_mirror_policies: [{ cluster: hashed }], hash_policy: ${POLICIES} }
              - match: { prefix: / }
                route: { cluster: hashed, hash_policy: ${POLICIES} }`,
    [cluster("hashed", lbPolicy), cluster("plain", "ROUND_ROBIN")],
  );
}

type Headers = readonly (readonly [string, string])[];

function explain(
  path: string,
  headers: Headers = [],
  yaml = bootstrap([1, 2], "MAGLEV"),
): Explanation {
  return explainerOf(yaml).explain({ url: `http://h.com:80${path}`, listener: "main", headers });
}

function hashOf(explanation: Explanation, index = 0): HashStep | null {
  return explanation.outcomes[0]!.upstream[index]!.hash;
}

void test("tells what each policy found, up to the one that ends the search", () => {
  const all = hashOf(explain("/?q=1", [["x-forwarded-for", "1.2.3.4"]]))!;
  assert.equal(all.algorithm, "maglev");
  assert.deepEqual(
    all.policies.map(({ policy, seen, held }) => [policy, seen, held]),
    [
      ["header x-key, terminal", "absent", false],
      ["cookie s", "absent, so the client gets one", true],
      ["query_parameter q", '"1"', true],
      ["source_ip", "127.0.0.1", true],
      ["filter_state k", "absent", false],
    ],
  );
  const ended = hashOf(explain("/", [["x-key", "a"]]))!;
  assert.deepEqual(
    ended.policies.map(({ policy }) => policy),
    ["header x-key, terminal"],
  );
});

void test("nothing is hashed for a cluster that does not ask, and by a mirror's route", () => {
  assert.equal(hashOf(explain("/plain")), null);
  const mirrored = explain("/mirrored", [["x-key", "a"]]);
  assert.equal(hashOf(mirrored), null);
  assert.deepEqual(hashOf(mirrored, 1), {
    algorithm: "maglev",
    policies: [],
    hash: null,
    endpoint: null,
  });
});

void test("weighted clusters are chosen by the hash where there is one", () => {
  const clusters = new Set<string>();
  for (let i = 0; i < 20; i++) {
    const { outcomes } = explain("/weighted", [["x-key", `${i}`]]);
    assert.equal(outcomes.length, 1);
    clusters.add(outcomes[0]!.upstream[0]!.cluster);
  }
  assert.deepEqual([...clusters].toSorted(), ["hashed", "plain"]);
  assert.equal(explain("/weighted").outcomes.length, 2);
});

void test("the text names the endpoint, the hash and the policies", () => {
  const text = explanationText(explain("/", [["x-key", "a"]]), { paint: noPaint, allRoutes: true });
  assert.match(
    text,
    /maglev chooses 127\.0\.0\.1:[12] by hash d24ec4f1a98c6e5b\n.*✓ header x-key, terminal: "a"/,
  );
});

void test("the endpoint is the one that the proxy chooses", async (t) => {
  const origins: Origin[] = [];
  for (let i = 0; i < 4; i++) origins.push(await startOrigin());
  t.after(() => origins.forEach((origin) => origin.close()));
  for (const lbPolicy of ["RING_HASH", "MAGLEV"]) {
    const yaml = bootstrap(
      origins.map(({ port }) => port),
      lbPolicy,
    );
    const proxy = await startProxy(yaml);
    t.after(() => proxy.close());
    for (let i = 0; i < 12; i++) {
      const before = origins.map(({ connections }) => received(connections));
      const client = new RawClient(proxy.port("main"));
      client.send(`GET / HTTP/1.1\r\nhost: h.com\r\nx-key: ${i}\r\n\r\n`);
      await client.until((all) => all.endsWith("hello"));
      client.close();
      const asked = origins.find(({ connections }, at) => received(connections) !== before[at])!;
      const { endpoint } = hashOf(explain("/", [["x-key", `${i}`]], yaml))!;
      assert.equal(endpoint, `127.0.0.1:${asked.port}`);
    }
  }
});

function received(connections: Origin["connections"]): number {
  return connections.reduce((sum, connection) => sum + connection.received.length, 0);
}
