import assert from "node:assert/strict";
import { test } from "node:test";
import { bootstrapOf, explainerOf } from "./testing/explainer.ts";

void test("what a filter asks a service is told apart from the request itself", () => {
  const filters = `- name: ea
  typed_config:
    "@type": type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz
    http_service: { server_uri: { uri: "http://auth", cluster: auth, timeout: 1s }, path_prefix: /check }`;
  const routes = `virtual_hosts: [{ name: v, domains: ["*"], routes: [{ match: { prefix: / }, route: { cluster: up } }] }]`;
  const clusters = { up: 1, auth: 2 };
  const [outcome] = explainerOf(bootstrapOf({ filters, routes, clusters })).explain({
    url: "http://h.com:8080/p",
  }).outcomes;
  const { asked, upstream, route } = outcome!;
  assert.deepEqual(
    asked.map(({ cluster, method, host, path }) => [cluster, method, host, path]),
    [["auth", "GET", "h.com:8080", "/check/p"]],
  );
  assert.deepEqual(
    upstream.map(({ cluster, path }) => [cluster, path]),
    [["up", "/p"]],
  );
  assert.equal(route?.timeouts["timeout_ms"], 15_000);
});
