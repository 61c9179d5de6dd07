import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { clusterYaml, httpBootstrap, ROUTER_FILTER } from "../../testing/bootstrap.ts";
import { RawClient, startOrigin } from "../../testing/origin.ts";
import { startProxy, type TestProxy } from "../../testing/proxy.ts";

const TYPES = "type.googleapis.com/envoy.extensions";

/** A proxy with these virtual hosts and the cluster `origin`, whose origin says what it was asked. */
async function start(
  t: TestContext,
  virtualHosts: string,
): Promise<{ readonly proxy: TestProxy; ask(request: string): Promise<string> }> {
  const origin = await startOrigin(({ socket, received }) => {
    const [line = ""] = received.slice(received.lastIndexOf("GET ")).split("\r\n");
    const body = `<${line}>`;
    socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
  });
  t.after(() => origin.close());
  const proxy = await startProxy(
    httpBootstrap(
      `http_filters: [${ROUTER_FILTER}]
          route_config: { virtual_hosts: ${virtualHosts} }`,
      [clusterYaml("origin", origin.port)],
    ),
  );
  const client = new RawClient(proxy.port("main"));
  t.after(() => {
    client.close();
    proxy.close();
  });
  let before = 0;
  const ask = async (head: string): Promise<string> => {
    client.send(`${head}\r\n\r\n`);
    const text = await client.until((all) => all.slice(before).endsWith(">"));
    const response = text.slice(before);
    before = text.length;
    return response;
  };
  return { proxy, ask };
}

void test("a request counts for its virtual cluster and its route, and its path is rewritten", async (t) => {
  const { proxy, ask } = await start(
    t,
    `[{ name: v, domains: ["*"], virtual_clusters: [{ name: users, headers: [{ name: ":path", string_match: { prefix: /users/ } }] }],
        routes: [{ match: { path_match_policy: { name: t, typed_config: { "@type": ${TYPES}.path.match.uri_template.v3.UriTemplateMatchConfig, path_template: "/users/{id}" } } },
                   stat_prefix: user,
                   route: { cluster: origin, path_rewrite_policy: { name: r, typed_config: { "@type": ${TYPES}.path.rewrite.uri_template.v3.UriTemplateRewriteConfig, path_template_rewrite: "/u/{id}/x" } } } },
                 { match: { prefix: / }, route: { cluster: origin, path_rewrite: "/%REQ(x-to)%" } }] }]`,
  );
  assert.match(await ask("GET /users/7?q HTTP/1.1\r\nhost: a"), /<GET \/u\/7\/x\?q HTTP\/1\.1>$/);
  assert.match(await ask("GET /other HTTP/1.1\r\nhost: a\r\nx-to: b"), /<GET \/b HTTP\/1\.1>$/);
  assert.equal(proxy.stat("vhost.v.vcluster.users.upstream_rq_total"), 1);
  assert.equal(proxy.stat("vhost.v.vcluster.users.upstream_rq_200"), 1);
  assert.equal(proxy.stat("vhost.v.vcluster.other.upstream_rq_2xx"), 1);
  assert.equal(proxy.stat("vhost.v.route.user.upstream_rq_completed"), 1);
});

void test("a direct response is made by its format, a redirect by its own", async (t) => {
  const { ask } = await start(
    t,
    `[{ name: v, domains: ["*"], routes: [
        { name: json, match: { path: /json }, direct_response: { status: 403, body: { inline_string: sorry }, body_format: { text_format_source: { inline_string: "<%LOCAL_REPLY_BODY% %ROUTE_NAME%>" }, content_type: text/own } } },
        { match: { path: /bytes }, direct_response: { status: 200, body: { inline_bytes: "/z4=" } } },
        { match: { path: /away }, redirect: { path_rewrite: "/%REQ(x-to)%", https_redirect: true } },
        { match: { path: /none }, non_forwarding_action: {} },
        { match: { prefix: / }, direct_response: { status: 200, body: { inline_string: "<rest>" } } }] }]`,
  );
  const json = await ask("GET /json HTTP/1.1\r\nhost: a");
  assert.match(json, /^HTTP\/1\.1 403 [\s\S]*\r\ncontent-type: text\/own\r\n[\s\S]*<sorry json>$/);
  assert.match(await ask("GET /bytes HTTP/1.1\r\nhost: a"), /\r\ncontent-length: 2\r\n[\s\S]*ÿ>$/);
  const both = await ask(
    "GET /away?q HTTP/1.1\r\nhost: a\r\nx-to: b\r\n\r\nGET /none HTTP/1.1\r\nhost: a\r\n\r\nGET / HTTP/1.1\r\nhost: a",
  );
  assert.match(both, /^HTTP\/1\.1 301 [\s\S]*\r\nlocation: https:\/\/a\/b\?q\r\n/);
  assert.match(both, /HTTP\/1\.1 503 [\s\S]*<rest>$/);
});
