import assert from "node:assert/strict";
import { test } from "node:test";
import { stringify } from "yaml";
import { goldenCases } from "../testing/golden.ts";
import { testCertificate } from "../testing/test-certificates.ts";
import { irTree } from "./ir-tree.ts";
import { objectsWithStatus } from "./objects-with-status.ts";
import { Translation } from "./translation.ts";
import { staticBootstrapJson, XDS_TREE_TYPES, xdsTree } from "./xds-tree.ts";

const NOW = "2026-01-01T00:00:00Z";
const XDS = { host: "127.0.0.1", port: 18_000 };

goldenCases(new URL("testdata/", import.meta.url), (documents) => {
  const content = documents.map((document) => stringify(document)).join("---\n");
  const { pipeline, problems, store } = new Translation([{ name: "a.yaml", content }]);
  const objects = objectsWithStatus(store, pipeline, NOW);
  return {
    problems,
    ir: irTree(pipeline.pieces, { showSecrets: false }),
    xds: xdsTree(pipeline.pieces, { types: XDS_TREE_TYPES, showSecrets: false, xds: XDS }),
    // What a class supports is long, and told elsewhere.
    objects: objects.filter(({ kind }) => kind !== "GatewayClass"),
  };
});

const ROUTE = `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: a, namespace: default }
spec: { parentRefs: [{ name: web }] }
`;

void test("tells what is wrong with its place, and where each object is written", () => {
  const translation = new Translation([
    { name: "b.yaml", content: ROUTE },
    { name: "a.yaml", content: `\n${ROUTE}---\n${ROUTE.replace("spec:", "spc:")}` },
  ]);
  assert.equal(translation.hasErrors, true);
  assert.match(translation.problems[0]!, /^a\.yaml:10:1 HTTPRoute default\/a: spc: /);
  assert.match(translation.problems.at(-1)!, /^b\.yaml: HTTPRoute default\/a is in a\.yaml too/);
  assert.deepEqual(translation.placeOf("HTTPRoute", "default/a", ["spec"]), {
    file: "a.yaml",
    line: 5,
    column: 1,
  });
  assert.equal(translation.placeOf("GatewayClass", "nuncio"), undefined);
});

void test("keeps private keys from sight unless it is asked for them", async () => {
  const { certificate, key } = await testCertificate(["a.example.com"]);
  const data = { "tls.crt": certificate, "tls.key": key };
  const metadata = { name: "web", namespace: "infra" };
  const tls = { certificateRefs: [{ name: "web" }] };
  const listeners = [{ name: "https", protocol: "HTTPS", port: 443, tls }];
  const content = [
    {
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "Gateway",
      metadata,
      spec: { gatewayClassName: "nuncio", listeners },
    },
    { apiVersion: "v1", kind: "Secret", type: "kubernetes.io/tls", metadata, stringData: data },
  ];
  const { pipeline, problems } = new Translation([
    { name: "a.yaml", content: content.map((each) => stringify(each)).join("---\n") },
  ]);
  assert.deepEqual(problems, []);
  const texts = (showSecrets: boolean): string[] =>
    [
      irTree(pipeline.pieces, { showSecrets }),
      xdsTree(pipeline.pieces, { types: ["secret"], showSecrets, xds: XDS }),
      staticBootstrapJson(pipeline.pieces, { showSecrets }),
    ].map((tree) => JSON.stringify(tree));
  for (const text of texts(false)) {
    assert.match(text, /BEGIN CERTIFICATE/);
    assert.doesNotMatch(text, /PRIVATE KEY/);
  }
  for (const text of texts(true)) assert.match(text, /PRIVATE KEY/);
});
