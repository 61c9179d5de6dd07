import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { objectsWithStatus } from "../offline/objects-with-status.ts";
import { Translation } from "../offline/translation.ts";
import type { ResourceSource } from "../resources/read/read-resources.ts";
import { compileSchema } from "../resources/schema/compile.ts";
import { Report, type Check } from "../resources/schema/report.ts";
import { allSchemas } from "../resources/schema/schemas.ts";

/** What the definition of a kind says of its status. */
const checks = new Map<string, Check | undefined>(
  Array.from(allSchemas(), ({ kind, version, schema }) => {
    const status = schema.properties?.["status"];
    return [`${kind.kind} ${version}`, status && compileSchema(status)] as const;
  }),
);

/** Rooms whose golden inputs are whole objects. */
const ROOMS = ["translator/gateways", "translator/ports", "analyze", "offline"];

/** Kinds that they do not have. */
const OTHERS = `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: web }
spec: { gatewayClassName: nuncio, listeners: [{ name: http, port: 80, protocol: HTTP }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: GRPCRoute
metadata: { name: calls }
spec: { parentRefs: [{ name: web }], rules: [{ backendRefs: [{ name: calls, port: 80 }] }] }
---
apiVersion: v1
kind: Service
metadata: { name: calls }
spec: { ports: [{ port: 80 }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: BackendTLSPolicy
metadata: { name: calls }
spec:
  targetRefs: [{ group: "", kind: Service, name: calls }]
  validation: { hostname: calls.example.com, wellKnownCACertificates: System }
---
apiVersion: gateway.nuncio.dev/v1alpha1
kind: Backend
metadata: { name: other }
spec: { endpoints: [{ ip: { address: 127.0.0.1, port: 80 } }] }
`;

function* inputs(): Generator<ResourceSource> {
  yield { name: "others.yaml", content: OTHERS };
  for (const room of ROOMS) {
    const folder = new URL(`../${room}/testdata/`, import.meta.url);
    for (const name of readdirSync(folder).filter((file) => file.endsWith(".in.yaml")))
      yield { name, content: readFileSync(new URL(name, folder)) };
  }
}

test("an API server would take every status", () => {
  const kinds = new Set<string>();
  for (const source of inputs()) {
    const { store, pipeline } = new Translation([source]);
    for (const object of objectsWithStatus(store, pipeline, "2026-01-01T00:00:00Z")) {
      const { status } = object as { readonly status?: object };
      if (status === undefined) continue;
      kinds.add(object.kind);
      const report = new Report();
      const check = checks.get(`${object.kind} ${object.apiVersion.split("/").at(-1)}`);
      check!(structuredClone(status), report);
      assert.deepEqual(report.findings, [], `${source.name}: ${object.kind}`);
    }
  }
  const withStatus = [...checks].filter(([, check]) => check !== undefined);
  const expected = new Set<string>(withStatus.map(([id]) => id.split(" ")[0]!));
  // Whoever refers to one says what is wrong with it.
  expected.delete("NuncioProxy");
  assert.deepEqual(kinds, expected);
});
