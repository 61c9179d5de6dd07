import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { httpBootstrap, ROUTER_FILTER } from "../../../testing/bootstrap.ts";
import { RawClient, startOrigin } from "../../../testing/origin.ts";
import { startProxy, type TestProxy } from "../../../testing/proxy.ts";

const TYPE = "type.googleapis.com/envoy.extensions.filters.http.stateful_session.v3";
const STATE = `session_state: { name: envoy.http.stateful_session.header, typed_config: { "@type": type.googleapis.com/envoy.extensions.http.stateful_session.header.v3.HeaderBasedSessionState, name: x-s } }`;

interface Rig {
  readonly proxy: TestProxy;
  /** The ports of the hosts: of the first one, which the load balancer takes, and of the one behind it. */
  readonly ports: readonly [number, number];
  /** Status and body of the answer to a request to `path` with the session of that host. */
  get(path: string, port?: number): Promise<string>;
  stats(prefix?: string): (number | undefined)[];
}

/** Two hosts that say their port, the second one of a priority that gets no traffic by itself. */
async function start(t: TestContext, fields = "", cluster = ""): Promise<Rig> {
  const origins = await Promise.all(
    [0, 1].map(() =>
      startOrigin(({ socket }) => {
        const port = String(socket.localPort);
        socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${port.length}\r\n\r\n${port}`);
      }),
    ),
  );
  const priorities = origins.map(
    ({ port }, priority) =>
      `{ priority: ${priority}, lb_endpoints: [{ endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: ${port} } } } }] }`,
  );
  const filter = `{ name: ss, typed_config: { "@type": ${TYPE}.StatefulSession, stat_prefix: p, ${STATE} ${fields} } }`;
  const perRoute = (content: string): string =>
    `typed_per_filter_config: { ss: { "@type": ${TYPE}.StatefulSessionPerRoute, ${content} } }`;
  const proxy = await startProxy(
    httpBootstrap(
      `http_filters: [${filter}, ${ROUTER_FILTER}]
          route_config:
            virtual_hosts:
            - name: all
              domains: ["*"]
              routes:
              - { match: { path: /off }, route: { cluster: c }, ${perRoute("disabled: true")} }
              - { match: { path: /own }, route: { cluster: c }, ${perRoute(`stateful_session: { strict: true, stat_prefix: q, ${STATE} }`)} }
              - { match: { prefix: / }, route: { cluster: c } }`,
      [
        `{ name: c, load_assignment: { cluster_name: c, endpoints: [${priorities.join(", ")}] } ${cluster} }`,
      ],
    ),
  );
  t.after(() => {
    proxy.close();
    for (const origin of origins) origin.close();
  });
  return {
    proxy,
    ports: [origins[0]!.port, origins[1]!.port],
    async get(path, port) {
      const client = new RawClient(proxy.port("main"));
      t.after(() => client.close());
      const session =
        port === undefined ? "" : `x-s: ${Buffer.from(`127.0.0.1:${port}`).toString("base64")}\r\n`;
      client.send(`GET ${path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n${session}\r\n`);
      const text = await client.untilEnd();
      return `${text.slice(9, 12)} ${text.split("\r\n\r\n")[1]}`;
    },
    stats: (prefix = "http.in.stateful_session.p.") =>
      ["routed", "failed_open", "failed_closed", "no_session"].map((name) =>
        proxy.stat(prefix + name),
      ),
  };
}

void test("a request goes to the host of its session, whatever the load balancer thinks", async (t) => {
  const { ports, get, stats } = await start(t);
  const [first, second] = ports;
  assert.equal(await get("/"), `200 ${first}`);
  assert.equal(await get("/", second), `200 ${second}`);
  assert.equal(await get("/", 1), `200 ${first}`);
  assert.equal(await get("/off", second), `200 ${first}`);
  assert.deepEqual(stats(), [1, 2, 0, 0]);
});

void test("a strict session has no other host, and says which status that is", async (t) => {
  const { ports, get, stats } = await start(
    t,
    ", strict: true, status_on_strict_destination_not_found: 410",
  );
  const [first, second] = ports;
  assert.equal(await get("/"), `200 ${first}`);
  assert.equal(await get("/", second), `200 ${second}`);
  assert.equal(await get("/", 1), "410 no healthy upstream");
  assert.deepEqual(stats(), [1, 0, 1, 0]);
});

void test("what a route says counts by itself", async (t) => {
  const { ports, get, stats } = await start(t);
  assert.equal(await get("/own", ports[1]), `200 ${ports[1]}`);
  assert.equal(await get("/own", 1), "503 no healthy upstream");
  assert.deepEqual(stats("stateful_session.q."), [1, 0, 1, 0]);
  assert.deepEqual(stats(), [0, 0, 0, 0]);
});

void test("override_host_status says which hosts may be asked for", async (t) => {
  const { ports, get } = await start(
    t,
    ", strict: true, status_on_strict_destination_not_found: 410",
    ", common_lb_config: { override_host_status: { statuses: [DEGRADED] } }",
  );
  // There is such a host, only not one that may be had.
  assert.equal(await get("/", ports[1]), "503 no healthy upstream");
});
