import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { runNuncio } from "../testing/running-proxy.ts";

const EXAMPLE = fileURLToPath(new URL("../../../../examples/gateway.yaml", import.meta.url));

const ROUTE = `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: more }
spec:
  parentRefs: [{ name: web }]
  hostnames: [c.example.com]
  rules:
    - backendRefs: [{ name: service-c, port: 80 }]
    - backendRefs: [{ name: service-a, port: 80, weight: 0 }]
`;

void test("tells each mistake with its place and what would help; exit code 3", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "nuncio-analyze-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "route.yaml");
  writeFileSync(file, ROUTE);
  const ask = (...flags: string[]): { status: number | null; stdout: string } =>
    runNuncio(["ctl", "analyze", "-f", EXAMPLE, "-f", file, ...flags]);
  const { status, stdout } = ask();
  assert.equal(status, 3);
  assert.match(
    stdout,
    /route\.yaml:8:23 HTTPRoute default\/more: spec\.rules\[0\]\.backendRefs\[0\]\.name: error: Service default\/service-c does not exist \[missing-object\]\n  did you mean "service-a"\?\n/,
  );
  assert.match(stdout, /spec\.rules\[1\]\.backendRefs: warning: .* \[no-weight\]\n/);
  assert.doesNotMatch(ask("--errors").stdout, /no-weight/);
  assert.match(
    ask("-o", "table").stdout,
    /^SEVERITY +PLACE .*\nerror +\S+route\.yaml:8:23 +HTTPRoute default\/more +spec\.rules\[0\]\S+ +missing-object +Service default\/service-c does not exist\n/,
  );
  const { mistakes } = JSON.parse(ask("-o", "json").stdout) as {
    mistakes: { rule: string; place: { line: number } }[];
  };
  assert.deepEqual(mistakes.map(({ rule, place }) => `${place.line} ${rule}`).slice(0, 2), [
    "8 missing-object",
    "9 shadowed",
  ]);
});

void test("exit code 0 where there is none, and 1 where a file cannot be read as it is", (t) => {
  const good = runNuncio(["ctl", "analyze", "-f", EXAMPLE]);
  assert.deepEqual([good.status, good.stdout, good.stderr], [0, "", ""]);
  const folder = mkdtempSync(join(tmpdir(), "nuncio-analyze-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "route.yaml");
  writeFileSync(file, ROUTE.replace("hostnames", "hostname"));
  const { status, stderr } = runNuncio(["ctl", "analyze", "-f", file]);
  assert.equal(status, 1);
  assert.match(stderr, /route\.yaml:6:3 HTTPRoute default\/more: spec\.hostname: unknown field/);
});
