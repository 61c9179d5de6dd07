import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { parse, parseAllDocuments } from "yaml";
import { LAUNCHER, runNuncio } from "../testing/running-proxy.ts";

const EXAMPLE = fileURLToPath(new URL("../../../../examples/gateway.yaml", import.meta.url));

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "nuncio-translate-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

void test("ir: the pieces of each gateway", () => {
  const { status, stdout, stderr } = runNuncio(["ctl", "translate", "--to", "ir", "-f", EXAMPLE]);
  assert.deepEqual([status, stderr], [0, ""]);
  const tree = parse(stdout) as Record<string, Record<string, { name: string }[]>>;
  assert.deepEqual(Object.keys(tree), ["default/web"]);
  assert.deepEqual(
    tree["default/web"]!["clusters"]!.map(({ name }) => name),
    ["default/web/service/default/service-a/80", "default/web/service/default/service-b/80"],
  );
});

void test("xds: one type, from stdin, as JSON", async () => {
  const flags = ["--to", "xds", "--type", "route", "-o", "json", "-f", "-"];
  const child = spawn(process.execPath, [LAUNCHER, "ctl", "translate", ...flags]);
  // More than a pipe takes at once, and the rest when that is read: it does not all come together.
  child.stdin.write("# a comment\n".repeat(300_000), () =>
    child.stdin.end(readFileSync(EXAMPLE, "utf8")),
  );
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  assert.equal(stderr, "");
  const tree = JSON.parse(stdout) as Record<string, { route: { virtual_hosts: object[] }[] }>;
  assert.deepEqual(Object.keys(tree["default/web"]!), ["route"]);
  assert.equal(tree["default/web"]!.route[0]!.virtual_hosts.length, 2);
});

void test("xds: the static form is a configuration that the proxy takes", (t) => {
  const file = join(temporaryFolder(t), "static.yaml");
  const flags = ["--to", "xds", "--type", "static", "--gateway", "default/web", "-f", EXAMPLE];
  writeFileSync(file, runNuncio(["ctl", "translate", ...flags]).stdout);
  const { stdout, stderr } = runNuncio(["explain", "-c", file, "http://localhost:10000/a/b"]);
  assert.equal(stderr, "");
  assert.match(stdout, /goes to cluster default\/web\/service\/default\/service-a\/80/);
});

void test("gateway-api: what is valid with its status, and the place of what is not", (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, "below"));
  writeFileSync(join(folder, "good.yaml"), readFileSync(EXAMPLE, "utf8"));
  const bad = readFileSync(EXAMPLE, "utf8").replace("name: services", "name: more");
  writeFileSync(join(folder, "below", "bad.yaml"), bad.replace("backendRefs", "backendRef"));
  const { status, stdout, stderr } = runNuncio([
    "ctl",
    "translate",
    "--to",
    "gateway-api",
    "-f",
    folder,
  ]);
  assert.equal(status, 1);
  assert.match(stderr, /bad\.yaml:\d+:\d+ HTTPRoute default\/more: .*backendRef/);
  const objects = parseAllDocuments(stdout).map(
    (document) => document.toJS() as { kind: string; metadata: { name: string }; status: object },
  );
  const route = objects.find(({ metadata: { name } }) => name === "services")!;
  assert.equal(route.kind, "HTTPRoute");
  assert.match(JSON.stringify(route.status), /"type":"Accepted","status":"True"/);
  assert.ok(!objects.some(({ metadata: { name } }) => name === "more"));
});

void test("several kinds are one object; those that are not named are gateway-api and xds", () => {
  const translate = (...flags: string[]): object =>
    JSON.parse(runNuncio(["ctl", "translate", "-f", EXAMPLE, "-o", "json", ...flags]).stdout);
  const both = translate("--to", "ir,gateway-api", "--gateway", "default/web") as {
    ir: object;
    "gateway-api": { kind: string };
  };
  assert.deepEqual(Object.keys(both), ["ir", "gateway-api"]);
  assert.deepEqual(Object.keys(both.ir), ["default/web"]);
  assert.equal(both["gateway-api"].kind, "List");
  assert.deepEqual(Object.keys(translate()), ["gateway-api", "xds"]);
  assert.deepEqual(Object.keys(translate("--to", "xds", "--to", "ir")), ["xds", "ir"]);
});

const TABLES: Readonly<Record<string, readonly RegExp[]>> = {
  ir: [
    /^GATEWAY +TYPE +NAME +ABOUT\n/,
    /^default\/web +listener +default\/web\/tcp-10000 +TCP :: port 10000, filter chains: 1$/m,
    /^default\/web +route +\S+\/rule\/1\/match\/0 +\*: prefix \/ header x-service=b → \S+\/service-b\/80$/m,
    /^default\/web +route +\S+ +\*: prefix \/old → redirect 301$/m,
    /^default\/web +endpoint +\S+\/service-a\/80 +127\.0\.0\.1:10101$/m,
  ],
  xds: [
    /^GATEWAY +TYPE +NAME +ABOUT\ndefault\/web +bootstrap +default\/web +default\/web\n/,
    /^default\/web +listener +default\/web\/tcp-10000 +\[::\]:10000$/m,
    /^default\/web +route +default\/web\/10000 +2 virtual hosts, 9 routes$/m,
    /^default\/web +endpoint +\S+\/service-b\/80 +127\.0\.0\.1:10102$/m,
  ],
  "gateway-api": [
    /^NAMESPACE +NAME +PARENT +TYPE +STATUS +REASON\n/,
    /^default +httproute\/services/m,
  ],
};

for (const [kind, lines] of Object.entries(TABLES))
  void test(`${kind} as a table`, () => {
    const flags = ["--to", kind, "-o", "table", "-f", EXAMPLE];
    const { status, stdout } = runNuncio(["ctl", "translate", ...flags]);
    assert.equal(status, 0);
    for (const line of lines) assert.match(stdout, line);
  });

const REFUSED: readonly (readonly [flags: string, message: RegExp])[] = [
  ["--to ir,pdf -f x", /--to: expected ir, xds, gateway-api; got "pdf"\n$/],
  ["--to xds --type static -o table -f x", /--type: static has no table; expected yaml or json/],
  ["--to pdf -f x", /--to: expected ir, xds, gateway-api; got "pdf"\n$/],
  ["--to ir -f /nowhere", /--file: \/nowhere: expected a file or a folder, found nothing\n$/],
  ["--to ir --type route -f x", /--type: expected --to xds beside it\n$/],
  [`--to ir --gateway a/b -f ${EXAMPLE}`, /--gateway: nothing is served for "a\/b"\n$/],
];

for (const [flags, message] of REFUSED)
  void test(`refuses ${flags.split(" ").slice(0, -1).join(" ")}`, () => {
    const { status, stderr } = runNuncio(["ctl", "translate", ...flags.split(" ")]);
    assert.equal(status, 1);
    assert.match(stderr, message);
  });
