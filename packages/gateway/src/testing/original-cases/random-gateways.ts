import fc from "fast-check";
import { resourceKind } from "../../resources/kinds.ts";
import type { Resource } from "../../resources/object.ts";
import { validateObject } from "../../resources/validate.ts";

const ROUTE_KINDS = ["HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute", "FooRoute"];
const HOSTNAMES = ["a.example.com", "*.example.com", "b.example.com", "*.b.example.com", "a.org"];

const port = fc.constantFrom(80, 443, 8080);
const hostname = fc.option(fc.constantFrom(...HOSTNAMES), { nil: undefined });

/** Most are right; of those that are not, each is wrong in a way of its own. */
const certificateRef = fc.oneof(
  { weight: 8, arbitrary: fc.record({ name: fc.constantFrom("a", "b", "wild") }) },
  { weight: 1, arbitrary: fc.record({ name: fc.constantFrom("absent", "opaque", "mismatch") }) },
  {
    weight: 2,
    arbitrary: fc.record({
      name: fc.constantFrom("a", "b", "absent"),
      namespace: fc.constantFrom("granted", "closed"),
    }),
  },
  { weight: 1, arbitrary: fc.constantFrom({ kind: "ConfigMap", name: "a" }) },
);

const kinds = fc.uniqueArray(
  fc.constantFrom(...ROUTE_KINDS).map((kind) => ({ kind })),
  { maxLength: 2, selector: ({ kind }) => kind },
);

/** Kinds of routes are wrong on listeners without certificates only: the original tells one of two problems. */
const listener = fc.oneof(
  fc.record(
    {
      port,
      protocol: fc.constantFrom("HTTP", "TCP", "UDP", "example.com/SPEECH"),
      allowedRoutes: fc.record({ kinds }),
    },
    { requiredKeys: ["port", "protocol"] },
  ),
  fc.record({ port, protocol: fc.constant("HTTP"), hostname }),
  fc.record({
    port,
    protocol: fc.constantFrom("HTTPS", "TLS"),
    hostname,
    tls: fc.record({
      mode: fc.constant("Terminate"),
      certificateRefs: fc.array(certificateRef, { minLength: 1, maxLength: 3 }),
    }),
  }),
  fc.record({
    port,
    protocol: fc.constant("TLS"),
    hostname,
    tls: fc.constantFrom(
      { mode: "Passthrough" },
      { mode: "Passthrough", certificateRefs: [{ name: "a" }] },
    ),
  }),
);

const validation = fc.record({
  caCertificateRefs: fc.tuple(
    fc.record({
      group: fc.constant(""),
      kind: fc.constantFrom("ConfigMap", "ConfigMap", "Service"),
      name: fc.constantFrom("ca", "absent"),
      namespace: fc.constantFrom("infra", "infra", "granted", "closed"),
    }),
  ),
  mode: fc.constantFrom("AllowValidOnly", "AllowInsecureFallback"),
});
const tlsConfig = fc.oneof(fc.constant({}), fc.record({ validation }));
const frontend = fc.record(
  {
    default: tlsConfig,
    perPort: fc.uniqueArray(fc.record({ port, tls: tlsConfig }), {
      maxLength: 2,
      selector: (one) => one.port,
    }),
  },
  { requiredKeys: ["default"] },
);

const spec = fc.record(
  {
    listeners: fc.array(listener, { minLength: 1, maxLength: 5 }),
    tls: fc.record({ frontend }),
  },
  { requiredKeys: ["listeners"] },
);

/** Gateways by chance that an API server takes, the same for the same seed. */
export function randomGateways(seed: number, count: number): Resource[] {
  const made = fc.sample(spec, { seed, numRuns: count }).map(({ listeners, ...rest }, index) => ({
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "Gateway",
    metadata: { name: `g${index}`, namespace: "infra" },
    spec: {
      gatewayClassName: "envoy-gateway-class",
      listeners: listeners.map((one, i) => ({ name: `l${i}`, ...one })),
      ...rest,
    },
  }));
  const plain = JSON.parse(JSON.stringify(made)) as Resource[];
  return plain.filter(isValid);
}

function isValid(object: Resource): boolean {
  const kind = resourceKind("gateway.networking.k8s.io", object.kind)!;
  return validateObject({ ...structuredClone(object) }, kind, "v1").resource !== undefined;
}
