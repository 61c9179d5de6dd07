import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { httpBootstrap, ROUTER_FILTER } from "../../testing/bootstrap.ts";
import { RawClient, startOrigin } from "../../testing/origin.ts";
import { startProxy, type TestProxy } from "../../testing/proxy.ts";

/** A proxy with these routes to the cluster `c`, whose four origins say their number. */
async function start(
  t: TestContext,
  route: string,
  cluster: string,
): Promise<{ readonly proxy: TestProxy; ask(headers: string): Promise<string> }> {
  const endpoints: string[] = [];
  for (let i = 0; i < 4; i++) {
    const origin = await startOrigin(({ socket, received }) => {
      if (received.endsWith("\r\n\r\n"))
        socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n<${i}>`);
    });
    t.after(() => origin.close());
    endpoints.push(
      `{ endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: ${origin.port} } } }, metadata: { filter_metadata: { envoy.lb: { hash_key: host-${i} } } } }`,
    );
  }
  const proxy = await startProxy(
    httpBootstrap(
      `http_filters: [${ROUTER_FILTER}]
          route_config: { virtual_hosts: [{ name: v, domains: ["*"], routes: [{ match: { prefix: / }, route: ${route} }] }] }`,
      [
        `{ name: c, ${cluster}, load_assignment: { cluster_name: c, endpoints: [{ lb_endpoints: [${endpoints.join(", ")}] }] } }`,
      ],
    ),
  );
  t.after(() => proxy.close());
  // Each request has a connection of its own.
  const ask = async (headers: string): Promise<string> => {
    const client = new RawClient(proxy.port("main"));
    client.send(`GET / HTTP/1.1\r\nhost: a\r\n${headers}\r\n`);
    const response = await client.until((all) => /<\d>$/.test(all));
    client.close();
    return response;
  };
  return { proxy, ask };
}

function hostOf(response: string): string {
  return /<(\d)>$/.exec(response)![1]!;
}

void test("a header chooses the host, and all hosts are chosen", async (t) => {
  const { proxy, ask } = await start(
    t,
    "{ cluster: c, hash_policy: [{ header: { header_name: x-key } }] }",
    "lb_policy: MAGLEV",
  );
  const hosts = new Map<string, string>();
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 20; i++) {
      const host = hostOf(await ask(`x-key: ${i}\r\n`));
      assert.equal(hosts.get(`${i}`) ?? host, host);
      hosts.set(`${i}`, host);
    }
  }
  assert.equal(new Set(hosts.values()).size, 4);
  assert.equal(proxy.stat("cluster.c.maglev_lb.max_entries_per_host"), 16_385);
  assert.equal(proxy.stat("cluster.c.maglev_lb.min_entries_per_host"), 16_384);
});

void test("a client gets a cookie that leads it back to its host", async (t) => {
  const { proxy, ask } = await start(
    t,
    "{ cluster: c, hash_policy: [{ cookie: { name: s, ttl: 60s, path: /x } }] }",
    "lb_policy: RING_HASH, ring_hash_lb_config: { minimum_ring_size: 100 }",
  );
  const hosts = new Set<string>();
  for (let i = 0; i < 30; i++) {
    const first = await ask("");
    const [, value] = /set-cookie: s="([0-9a-f]{16})"; Max-Age=60; Path=\/x; HttpOnly\r\n/.exec(
      first,
    )!;
    const second = await ask(`cookie: s="${value}"\r\n`);
    assert.equal(hostOf(second), hostOf(first));
    assert.doesNotMatch(second, /set-cookie/);
    hosts.add(hostOf(first));
  }
  assert.ok(hosts.size > 1);
  assert.equal(proxy.stat("cluster.c.ring_hash_lb.size"), 100);
});

void test("a load balancer that does not hash asks for no cookie", async (t) => {
  const { ask } = await start(
    t,
    "{ cluster: c, hash_policy: [{ cookie: { name: s, ttl: 60s } }] }",
    "lb_policy: ROUND_ROBIN",
  );
  assert.doesNotMatch(await ask(""), /set-cookie/);
});
