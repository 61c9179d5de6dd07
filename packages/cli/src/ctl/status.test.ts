import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { StatusFile, Translation } from "@nuncio/gateway";
import { runNuncio } from "../testing/running-proxy.ts";

const EXAMPLE = fileURLToPath(new URL("../../../../examples/gateway.yaml", import.meta.url));

const BROKEN = `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: lost, namespace: shop }
spec:
  parentRefs: [{ name: web, namespace: default }]
---
apiVersion: gateway.networking.k8s.io/v1
kind: TCPRoute
metadata: { name: alone, namespace: shop }
spec:
  parentRefs: [{ name: nowhere }]
  rules: [{ backendRefs: [{ name: a, port: 1 }] }]
`;

function temporaryFile(t: TestContext, content: string): string {
  const folder = mkdtempSync(join(tmpdir(), "nuncio-status-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "resources.yaml");
  writeFileSync(file, content);
  return file;
}

function rowsOf(stdout: string): string[] {
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => line.split(/ {2,}/).join("|"));
}

void test("of files: a row for each condition, those of one kind and one namespace", (t) => {
  const all = runNuncio(["ctl", "status", "-f", EXAMPLE]);
  assert.deepEqual([all.status, all.stderr], [0, ""]);
  const [head, ...rows] = rowsOf(all.stdout);
  assert.equal(head, "NAMESPACE|NAME|PARENT|TYPE|STATUS|REASON");
  assert.ok(rows.includes("default|gateway/web|listener http|Programmed|True|Programmed"));
  const file = temporaryFile(t, BROKEN);
  const flags = ["xroute", "-n", "shop", "-q", "-v", "-f", EXAMPLE, "-f", file];
  const some = runNuncio(["ctl", "status", ...flags]);
  assert.equal(some.status, 3);
  assert.deepEqual(rowsOf(some.stdout).slice(1), [
    "shop|httproute/lost|gateway/default/web|Accepted|False|NotAllowedByListeners|1|" +
      rowsOf(some.stdout)[1]!.split("|").at(-1)!,
    "shop|tcproute/alone|-|-|-|-|-|no Gateway of ours has to do with it",
  ]);
});

void test("what somebody wrote into an object writes no line, and commands no terminal", (t) => {
  const file = temporaryFile(
    t,
    `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: shop }
spec:
  parentRefs: [{ name: web }]
  rules: [{ matches: [{ path: { type: RegularExpression, value: "(\\e[2J\\nGateway x: fine" } }] }]
---
apiVersion: example.com/v1
kind: "Foo\\nGateway y: fine\\e[31m"
metadata: { name: y }
`,
  );
  for (const command of [["status", "-v"], ["analyze"], ["analyze", "-o", "table"]]) {
    const { stdout, stderr } = runNuncio(["ctl", ...command, "-f", EXAMPLE, "-f", file]);
    const text = stdout + stderr;
    assert.ok(text.includes(String.raw`(\u001b[2J\u000aGateway x: fine`), text);
    assert.match(text, /Gateway y: fine/);
    assert.doesNotMatch(text, /^Gateway|\u001b/m, command.join(" "));
  }
});

void test("of a gateway that runs: the file that it writes, with its times", (t) => {
  const file = temporaryFile(t, "");
  const { pipeline } = new Translation([
    { name: "a.yaml", content: readFileSync(EXAMPLE, "utf8") },
  ]);
  const now = Date.UTC(2026, 0, 2, 3, 4, 5);
  const written = new StatusFile({ path: file, now: () => now, onError: assert.fail });
  written.update(new Map(pipeline.statuses.flatMap((cells) => [...cells.entries()])));
  written.close();
  const { status, stdout } = runNuncio(["ctl", "status", "gtw", "-v", "--status-file", file]);
  assert.equal(status, 0);
  assert.match(stdout, /gateway\/web +- +Accepted +True +Accepted +1 +2026-01-02T03:04:05Z /);
  const json = runNuncio(["ctl", "status", "httproutes", "-o", "json", "--status-file", file]);
  const { items } = JSON.parse(json.stdout) as { items: { metadata: { name: string } }[] };
  assert.deepEqual(
    items.map(({ metadata: { name } }) => name),
    ["other-host", "services"],
  );
});

const REFUSED: readonly (readonly [flags: string, message: RegExp])[] = [
  [`pods -f ${EXAMPLE}`, /expected one of all, xroute, .*; got "pods"\n$/],
  [`service -f ${EXAMPLE}`, /expected one of all, xroute, .*; got "service"\n$/],
  [`all -A -n x -f ${EXAMPLE}`, /--namespace and --all-namespaces: expected one of them/],
  [`--status-file ${EXAMPLE}`, /gateway\.yaml: expected a status file, /],
];

for (const [flags, message] of REFUSED)
  void test(`refuses ${flags.split(" ")[0]}`, () => {
    const { status, stderr } = runNuncio(["ctl", "status", ...flags.split(" ")]);
    assert.equal(status, 1);
    assert.match(stderr, message);
  });

void test("of a gateway that runs: it is asked; where nobody answers its file is read", (t) => {
  const file = temporaryFile(t, JSON.stringify({ items: [] }));
  const nobody = ["--admin", "http://127.0.0.1:9"];
  const refused = runNuncio(["ctl", "status", ...nobody]);
  assert.equal(refused.status, 1);
  assert.match(refused.stderr, /^nuncio: http:\/\/127.0.0.1:9: no answer .*; -f tells of files/);
  const read = runNuncio(["ctl", "status", ...nobody, "--status-file", file]);
  assert.equal(read.status, 0);
  assert.match(read.stderr, /no answer .*; this is what .* says\n$/);
  assert.match(
    runNuncio(["ctl", "status", ...nobody, "-f", file]).stderr,
    /--file and --admin: expected one/,
  );
});
