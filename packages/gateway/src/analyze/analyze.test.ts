import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { stringify } from "yaml";
import { Translation } from "../offline/translation.ts";
import { goldenCases } from "../testing/golden.ts";
import { testCertificate } from "../testing/test-certificates.ts";
import { analyze } from "./analyze.ts";
import type { Mistake } from "./mistake.ts";

const EXAMPLE = new URL("../../../../examples/gateway.yaml", import.meta.url);

function mistakesOf(documents: readonly unknown[], nowMs: number): readonly Mistake[] {
  const content = documents.map((document) => stringify(document)).join("---\n");
  const translation = new Translation([{ name: "a.yaml", content }]);
  assert.deepEqual(translation.problems, []);
  return analyze(translation, nowMs);
}

goldenCases(new URL("testdata/", import.meta.url), (documents) => mistakesOf(documents, 0));

void test("finds nothing wrong with the example", () => {
  const content = readFileSync(EXAMPLE, "utf8");
  assert.deepEqual(analyze(new Translation([{ name: "a.yaml", content }]), 0), []);
});

const DAY_MS = 86_400_000;

void test("tells of certificates for another name, and of another time", async () => {
  const { certificate, key } = await testCertificate(["b.example.com", "*.example.org"]);
  const metadata = { name: "web", namespace: "infra" };
  const listener = (name: string, port: number): object => ({
    name: `https-${port}`,
    protocol: "HTTPS",
    port,
    hostname: name,
    tls: { certificateRefs: [{ name: "web" }] },
  });
  const listeners = [
    listener("a.example.com", 1),
    listener("b.example.com", 2),
    listener("c.example.org", 3),
    listener("c.d.example.org", 4),
  ];
  const documents = [
    {
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "Gateway",
      metadata,
      spec: { gatewayClassName: "nuncio", listeners },
    },
    {
      apiVersion: "v1",
      kind: "Secret",
      type: "kubernetes.io/tls",
      metadata,
      stringData: { "tls.crt": certificate, "tls.key": key },
    },
  ];
  const told = (nowMs: number): string[] =>
    mistakesOf(documents, nowMs).map(({ path, rule, severity, message }) => {
      const when = /expired|not valid before|expires/.exec(message)?.[0] ?? "";
      return `${path[15]} ${severity} ${rule} ${when}`.trim();
    });
  // It is for two days.
  const now = Date.now();
  const names = ["0 warning certificate-name", "3 warning certificate-name"];
  const times = (text: string): string[] => [0, 1, 2, 3].map((index) => `${index} ${text}`);
  const sorted = (texts: readonly string[]): string[] => texts.toSorted();
  assert.deepEqual(
    sorted(told(now)),
    sorted([...names, ...times("warning certificate-time expires")]),
  );
  assert.deepEqual(
    sorted(told(now + 3 * DAY_MS)),
    sorted([...names, ...times("error certificate-time expired")]),
  );
  assert.deepEqual(
    sorted(told(now - 3 * DAY_MS)),
    sorted([...names, ...times("error certificate-time not valid before")]),
  );
});
