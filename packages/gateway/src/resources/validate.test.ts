import assert from "node:assert/strict";
import { test } from "node:test";
import type { Backend, EndpointSlice, Gateway, HTTPRoute, Secret, Service } from "#gen/resources";
import { resourceKind } from "./kinds.ts";
import { formatPath } from "./problem.ts";
import { validateObject } from "./validate.ts";
import type { Validated } from "./validate.ts";

const gatewayApi = "gateway.networking.k8s.io";

function check(group: string, kind: string, version: string, object: object): Validated {
  const known = resourceKind(group, kind);
  assert.ok(known !== undefined, kind);
  return validateObject(structuredClone(object) as Record<string, unknown>, known, version);
}

function findings({ findings: list }: Validated): string[] {
  return list.map(({ path, message }) => `${formatPath(path)}: ${message}`);
}

const metadata = { name: "a" };

test("a route has its defaults, and no status", () => {
  const spec = { parentRefs: [{ name: "g" }], rules: [{ backendRefs: [{ name: "s", port: 80 }] }] };
  const { resource } = check(gatewayApi, "HTTPRoute", "v1beta1", { metadata, spec, status: 1 });
  const expected: HTTPRoute = {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "HTTPRoute",
    metadata: { name: "a", namespace: "default" },
    spec: {
      parentRefs: [{ group: gatewayApi, kind: "Gateway", name: "g" }],
      rules: [
        {
          matches: [{ path: { type: "PathPrefix", value: "/" } }],
          backendRefs: [{ group: "", kind: "Service", name: "s", port: 80, weight: 1 }],
        },
      ],
    },
  };
  assert.deepEqual(resource, expected);
});

test("a gateway: defaults within defaults, addresses by type, listeners that differ", () => {
  const listener = { name: "http", port: 80, protocol: "HTTP" };
  const gateway = (spec: object): Validated =>
    check(gatewayApi, "Gateway", "v1", {
      metadata,
      spec: { gatewayClassName: "c", listeners: [listener], ...spec },
    });
  const { resource } = gateway({ addresses: [{ value: "10.0.0.1" }] });
  const { listeners, addresses } = (resource as Gateway).spec;
  assert.deepEqual(listeners[0]?.allowedRoutes, { namespaces: { from: "Same" } });
  assert.deepEqual(addresses, [{ type: "IPAddress", value: "10.0.0.1" }]);
  assert.deepEqual(findings(gateway({ addresses: [{ value: "a.b" }] })), [
    'spec.addresses[0]: value: expected an IPv4 address, got "a.b"; or expected an IPv6 address, got "a.b"; or type: must not be the string "IPAddress"',
  ]);
  assert.deepEqual(findings(gateway({ listeners: [listener, { ...listener, name: "b" }] })), [
    "spec.listeners: Combination of port, protocol and hostname must be unique for each listener",
  ]);
});

test("a Backend has endpoints of one kind each, and TLS that checks something", () => {
  const backend = (spec: object): Validated =>
    check("gateway.nuncio.dev", "Backend", "v1alpha1", { metadata, spec });
  const ip = { address: "127.0.0.1", port: 80 };
  const { resource } = backend({ endpoints: [{ ip }, { unix: { path: "/run/x" } }] });
  const expected: Backend["spec"] = {
    type: "Endpoints",
    endpoints: [{ ip }, { unix: { path: "/run/x" } }],
    fallback: false,
  };
  assert.deepEqual((resource as Backend).spec, expected);
  const rule = "exactly one of fqdn, ip and unix must be set";
  assert.deepEqual(findings(backend({ endpoints: [{}, { ip, unix: { path: "/x" } }] })), [
    `spec.endpoints[0]: ${rule}`,
    `spec.endpoints[1]: ${rule}`,
  ]);
  const fqdn = { hostname: "10.0.0.1", port: 80 };
  assert.deepEqual(findings(backend({ endpoints: [{ fqdn }] })), [
    "spec.endpoints[0].fqdn.hostname: must be a host name, use ip for an address",
  ]);
  const endpoints = [{ ip }];
  const wellKnownCACertificates = "System";
  const insecureSkipVerify = true;
  assert.deepEqual(findings(backend({ endpoints, tls: {} })).length, 1);
  assert.deepEqual(findings(backend({ endpoints, tls: { wellKnownCACertificates } })), []);
  assert.deepEqual(findings(backend({ endpoints, tls: { insecureSkipVerify } })), []);
  const both = { wellKnownCACertificates, insecureSkipVerify };
  assert.deepEqual(findings(backend({ endpoints, tls: both })).length, 1);
});

test("a NuncioProxy says how the data plane runs", () => {
  const proxy = (spec: object): string[] =>
    findings(check("gateway.nuncio.dev", "NuncioProxy", "v1alpha1", { metadata, spec }));
  assert.deepEqual(proxy({ dataPlane: "Envoy", addressPool: ["10.0.0.1", "10.0.1.0/24"] }), []);
  assert.deepEqual(proxy({ dataPlane: "envoy", concurrency: 0, addressPool: ["10.0.0"] }), [
    'spec.dataPlane: expected one of "Nuncio", "Envoy", got the string "envoy", did you mean "Envoy"?',
    "spec.concurrency: expected 1 or more, got 0",
    "spec.addressPool[0]: must be an address such as 10.0.0.1 or a network such as 10.0.0.0/24",
  ]);
  assert.deepEqual(proxy({ drainSeconds: 10, terminationSeconds: 5 }), [
    "spec: drainSeconds must not be larger than terminationSeconds",
  ]);
});

test("of kinds that are built into Kubernetes only what is read is checked", () => {
  const spec = {
    ports: [{ port: 80, targetPort: "http" }],
    sessionAffinityConfig: {},
    clusterIP: null,
  };
  const { resource } = check("", "Service", "v1", { metadata, spec });
  const { ports, type } = (resource as Service).spec ?? { ports: undefined, type: undefined };
  assert.deepEqual(ports, [{ port: 80, targetPort: "http", protocol: "TCP" }]);
  assert.equal(type, "ClusterIP");
  assert.deepEqual(findings(check("", "Service", "v1", { metadata, spec: { ports: [{}] } })), [
    "spec.ports[0].port: is required, but there is nothing",
  ]);
  const slice = { metadata, addressType: "IPv4", endpoints: [{ addresses: ["a.b"] }] };
  assert.deepEqual(findings(check("discovery.k8s.io", "EndpointSlice", "v1", slice)), [
    ": addresses must be those of the addressType",
  ]);
  const empty = check("discovery.k8s.io", "EndpointSlice", "v1", { metadata, addressType: "IPv6" });
  assert.deepEqual((empty.resource as EndpointSlice).endpoints, []);
});

test("what the API server adds: data of stringData, the name of a namespace as a label", () => {
  const secret = check("", "Secret", "v1", {
    metadata,
    data: { a: "YQ==" },
    stringData: { b: "ü" },
  });
  const expected: Secret = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "a", namespace: "default" },
    type: "Opaque",
    data: { a: "YQ==", b: "w7w=" },
  };
  assert.deepEqual(secret.resource, expected);
  const namespace = check("", "Namespace", "v1", { metadata: { name: "n", labels: { a: "b" } } });
  assert.deepEqual(namespace.resource?.metadata, {
    name: "n",
    labels: { a: "b", "kubernetes.io/metadata.name": "n" },
  });
});

test("names, labels and annotations", () => {
  const name = (kind: string, value: unknown): string[] =>
    findings(check("", kind, "v1", { metadata: value }));
  const wrong: [string, object, RegExp][] = [
    ["ConfigMap", {}, /^metadata\.name: is required/],
    ["ConfigMap", { name: "A" }, /^metadata\.name: expected at most 253 of a-z/],
    ["ConfigMap", { name: "a".repeat(254) }, /^metadata\.name: expected at most 253/],
    ["Namespace", { name: "a.b" }, /^metadata\.name: expected at most 63/],
    [
      "Namespace",
      { name: "a", namespace: "b" },
      /^metadata\.namespace: a Namespace is of no namespace/,
    ],
    ["Service", { name: "1a" }, /^metadata\.name: .* a letter first/],
    ["ConfigMap", { name: "a", namespace: "A" }, /^metadata\.namespace: expected at most 63/],
    [
      "ConfigMap",
      { name: "a", lables: {} },
      /^metadata\.lables: unknown field, did you mean "labels"/,
    ],
    [
      "ConfigMap",
      { name: "a", labels: { "a b": "c" } },
      /^metadata\.labels\["a b"\]: expected a key/,
    ],
    ["ConfigMap", { name: "a", labels: { a: "b c" } }, /^metadata\.labels\.a: expected at most 63/],
    ["ConfigMap", { name: "a", labels: { a: 1 } }, /^metadata\.labels\.a: expected a string/],
    [
      "ConfigMap",
      { name: "a", annotations: { "/a": "" } },
      /^metadata\.annotations\["\/a"\]: expected a key/,
    ],
    [
      "ConfigMap",
      { name: "a", annotations: { a: "x".repeat(2 ** 18) } },
      /at most 262144 bytes, got 262145/,
    ],
    [
      "ConfigMap",
      { name: "a", creationTimestamp: "now" },
      /^metadata\.creationTimestamp: expected a time/,
    ],
  ];
  for (const [kind, value, expected] of wrong) {
    const [first = "", second] = name(kind, value);
    assert.match(first, expected, JSON.stringify(value).slice(0, 80));
    assert.equal(second, undefined);
  }
  assert.deepEqual(findings(check("", "ConfigMap", "v1", {})), [
    "metadata: is required, but there is nothing",
  ]);
  const right = { name: "a.b-1", labels: { "x.y/Z_a": "", b: "A.b" }, creationTimestamp: null };
  assert.deepEqual(
    name("ConfigMap", {
      ...right,
      managedFields: [{ time: 1 }],
      finalizers: ["x"],
      generateName: "a-",
    }),
    [],
  );
});
