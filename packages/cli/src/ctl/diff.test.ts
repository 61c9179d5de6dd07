import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { parseAllDocuments } from "yaml";
import { runNuncio } from "../testing/running-proxy.ts";

interface Item {
  readonly line: number;
  readonly request: { readonly method: string };
  readonly differences: readonly object[];
}

const EXAMPLE = fileURLToPath(new URL("../../../../examples/gateway.yaml", import.meta.url));

function fileIn(t: TestContext, name: string, content: string): string {
  const folder = mkdtempSync(join(tmpdir(), "nuncio-diff-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

/** The example with other weights, another path, and a host name less. */
function changed(t: TestContext): string {
  const text = readFileSync(EXAMPLE, "utf8");
  const route = text.indexOf("metadata: { name: other-host");
  return fileIn(
    t,
    "new.yaml",
    text
      .replace("weight: 3", "weight: 1")
      .replace("value: /a }", "value: /aa }")
      .replace(text.slice(text.lastIndexOf("apiVersion", route), text.indexOf("---", route)), ""),
  );
}

void test("tells what comes, goes, and is another one", (t) => {
  const file = changed(t);
  const { status, stdout, stderr } = runNuncio(["ctl", "diff", EXAMPLE, file]);
  assert.deepEqual([status, stderr], [3, ""]);
  const shares = "default/web/10000/* httproute/default/services/rule/0/match/0";
  assert.ok(stdout.includes(`~ route ${shares}\n    action.clusters[0].weight: 3 → 1\n`), stdout);
  assert.match(stdout, /^- virtual host default\/web\/10000\/b\.example\.com$/m);
  assert.match(stdout, /^ {4}match\.path\.value: "\/a" → "\/aa"$/m);
  assert.match(stdout, /^- status HTTPRoute default\/other-host$/m);
  assert.match(stdout, /^0 added, \d+ removed, 2 changed$/m);
  const table = runNuncio(["ctl", "diff", EXAMPLE, file, "-o", "table"]).stdout;
  assert.match(table, /^CHANGE +TYPE +NAME +FIELD +BEFORE +AFTER\n/);
  assert.match(table, /^changed +route +\S+ httproute\S+ +action\.clusters\[0\]\.weight +3 +1$/m);
  assert.match(table, /^removed +status +HTTPRoute default\/other-host +- +- +-$/m);
  const { changes } = JSON.parse(
    runNuncio(["ctl", "diff", file, EXAMPLE, "-o", "json"]).stdout,
  ) as { changes: { type: string; name: string; change: string; fields: object[] }[] };
  const host = "default/web/10000/b.example.com";
  assert.deepEqual(
    changes.find(({ type }) => type === "virtual host"),
    { type: "virtual host", name: host, change: "added", fields: [] },
  );
});

void test("nothing differs from itself", () => {
  const { status, stdout } = runNuncio(["ctl", "diff", EXAMPLE, EXAMPLE]);
  assert.deepEqual([status, stdout], [0, "0 added, 0 removed, 0 changed\n"]);
});

void test("tells which recorded requests would be answered in another way", (t) => {
  const requests = [
    { url: "http://localhost:10000/old/page" },
    { url: "http://localhost:10000/a/page", method: "POST" },
  ];
  const lines = requests.map((request) => JSON.stringify(request)).join("\n");
  const flags = ["--requests", fileIn(t, "requests.jsonl", lines), "--gateway", "default/web"];
  const { status, stdout, stderr } = runNuncio(["ctl", "diff", EXAMPLE, changed(t), ...flags]);
  assert.deepEqual([status, stderr], [3, ""]);
  assert.match(stdout, /^POST http:\/\/localhost:10000\/a\/page +\S/m);
  assert.doesNotMatch(stdout, /old\/page/);
  assert.match(stdout, /^2 requests, 1 different, 1 the same$/m);
  const yaml = runNuncio(["ctl", "diff", EXAMPLE, changed(t), ...flags, "-o", "yaml"]).stdout;
  const [item, ...more] = parseAllDocuments(yaml).map((document) => document.toJS() as Item);
  assert.deepEqual([item!.line, item!.request.method, more], [2, "POST", []]);
  assert.ok(item!.differences.length > 0);
});

const REFUSED: readonly (readonly [args: readonly string[], message: RegExp])[] = [
  [[EXAMPLE], /expected two files or folders, OLD and NEW; got 1\n$/],
  [["-", "-"], /expected stdin for one of OLD and NEW, got it for both\n$/],
  [[EXAMPLE, "/nowhere"], /\/nowhere: expected a file or a folder, found nothing\n$/],
  [[EXAMPLE, EXAMPLE, "--gateway", "a/b"], /--gateway: expected --requests beside it\n$/],
];

for (const [args, message] of REFUSED)
  void test(`refuses ${args.filter((arg) => arg !== EXAMPLE).join(" ") || "one file"}`, () => {
    const { status, stderr } = runNuncio(["ctl", "diff", ...args]);
    assert.equal(status, 1);
    assert.match(stderr, message);
  });
