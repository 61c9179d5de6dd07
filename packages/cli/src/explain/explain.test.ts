import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

const LAUNCHER = fileURLToPath(new URL("../../bin/nuncio.mjs", import.meta.url));
const EXAMPLE = fileURLToPath(new URL("../../../../examples/quickstart.yaml", import.meta.url));

interface Result {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function explain(...args: readonly string[]): Result {
  const { status, stdout, stderr } = spawnSync(process.execPath, [LAUNCHER, "explain", ...args], {
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

let folder = "";

before(() => {
  folder = mkdtempSync(join(tmpdir(), "nuncio-explain-"));
});

after(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** The bare minimum of a configuration; `routes` in YAML's flow style. */
function config(name: string, routes: string): string {
  const type = "type.googleapis.com/envoy.extensions.filters";
  return file(
    name,
    `static_resources:
  listeners:
  - name: web
    address: { socket_address: { address: 127.0.0.1, port_value: 8080 } }
    filter_chains:
    - filters:
      - name: hcm
        typed_config:
          "@type": ${type}.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: web
          http_filters: [{ name: router, typed_config: { "@type": ${type}.http.router.v3.Router } }]
          route_config: { virtual_hosts: [{ name: v, domains: ["*"], routes: ${routes} }] }
`,
  );
}

void test("explains the example as a tree without colours", () => {
  const { status, stdout, stderr } = explain(
    "-c",
    EXAMPLE,
    "http://localhost:8080/anything",
    "-H",
    "x-canary: true",
  );
  assert.deepEqual([status, stderr], [0, ""]);
  assert.match(stdout, /^GET http:\/\/localhost:8080\/anything from 127\.0\.0\.1:50000\n/);
  assert.match(stdout, /listener web .*: the only listener; nothing listens on port 8080/);
  assert.match(stdout, /✓ #\d+ canary .* {2}.*quickstart\.yaml:\d+\n/);
  assert.match(stdout, /goes to cluster service_b by route canary/);
  assert.ok(!stdout.includes("\u001b"));
});

void test("tells what another configuration changes by lines and by exit code", () => {
  const old = config("old.yaml", "[{ match: { prefix: / }, direct_response: { status: 200 } }]");
  const now = config("now.yaml", "[{ match: { prefix: / }, direct_response: { status: 404 } }]");
  const url = "http://h:8080/";
  assert.deepEqual(explain("-c", old, "--against", now, url), {
    status: 3,
    stdout: `${url}\n└─ ~ status: 200 → 404\n`,
    stderr: "",
  });
  const json = explain("-c", old, "--against", now, url, "--json");
  assert.deepEqual(JSON.parse(json.stdout), {
    url,
    differences: [{ what: "status", before: "200", after: "404" }],
  });
  assert.deepEqual(explain("-c", old, "--against", old, url), {
    status: 0,
    stdout: `${url}: no difference\n`,
    stderr: "",
  });
});

void test("explains the requests of a file line by line, and says which lines are none", () => {
  const path = config(
    "lines.yaml",
    "[{ match: { path: /a }, direct_response: { status: 200 } }, { name: post, match: { prefix: /, headers: [{ name: ':method', string_match: { exact: POST } }] }, direct_response: { status: 204 } }]",
  );
  const lines = file(
    "requests.jsonl",
    `{"url":"http://h:8080/a"}
not JSON

{"url":"http://h:8080/b","method":"POST","headers":{"x":["1","2"]}}
{"url":7}
{"url":"http://h:8080/b"}`,
  );
  const { status, stdout, stderr } = explain("-c", path, "--requests", lines);
  assert.equal(status, 1);
  assert.equal(
    stdout,
    `request               outcome
GET http://h:8080/a   is answered 200
POST http://h:8080/b  is answered 204 by route post
GET http://h:8080/b   is answered 404 NR
5 requests, 2 not explained
`,
  );
  assert.match(
    stderr,
    /^.*requests\.jsonl:2: expected a JSON object: .*\n.*requests\.jsonl:5: url: expected a text, got 7\n$/,
  );
});

void test("of a HAR file, shows the requests only that another configuration treats differently", () => {
  const old = config(
    "har-old.yaml",
    "[{ match: { prefix: /a }, direct_response: { status: 200 } }]",
  );
  const now = config(
    "har-now.yaml",
    "[{ match: { prefix: /a, headers: [{ name: ':authority', string_match: { exact: h2 } }] }, direct_response: { status: 200 } }]",
  );
  const entry = (path: string, authority: string): object => ({
    request: {
      method: "GET",
      url: `http://h:8080${path}`,
      headers: [
        { name: ":authority", value: authority },
        { name: ":path", value: path },
        { name: "accept", value: "*/*" },
      ],
    },
    response: { content: { text: '{ "entries": [' } },
  });
  const har = {
    log: { version: "1.2", entries: [entry("/a", "h2"), entry("/a", "h"), entry("/b", "h")] },
  };
  const path = file("some.har", JSON.stringify(har, null, 2));
  const args = ["-c", old, "--against", now, "--requests", path];
  assert.deepEqual(explain(...args), {
    status: 3,
    stdout: `request              before           after
GET http://h:8080/a  is answered 200  is answered 404 NR
3 requests, 1 different, 2 the same
`,
    stderr: "",
  });
  const lines = explain(...args, "--json")
    .stdout.trim()
    .split("\n");
  assert.equal(lines.length, 1);
  assert.equal((JSON.parse(lines[0]!) as { line: number }).line, 30);
});

void test("answers what cannot work with one clear line and exit code 1", () => {
  const path = config("errors.yaml", "[]");
  for (const [args, line] of [
    [[], "expected a URL such as http://host:port/path, got none"],
    [["-c", path, "http://a/", "http://b/"], 'expected one URL, got "http://a/" and "http://b/"'],
    [["-c", path, "nonsense"], 'expected a URL such as http://host:port/path, got "nonsense"'],
    [["-c", path, "http://a/", "-H", "x"], "--header: expected 'name: value', got \"x\""],
    [
      ["-c", path, "http://a/", "--listener", "x"],
      'no listener named "x", expected one of web on 127.0.0.1:8080',
    ],
    [
      ["-c", path, "--admin", "http://b", "http://a/"],
      "--admin and --config-path: expected one of them, got both",
    ],
    [
      ["-c", path, "--requests", "f", "http://a/"],
      '--requests: expected no URL beside it, got "http://a/"',
    ],
    [["http://a/"], "expected --config-path or --config-yaml, got neither"],
    [
      ["-c", path, "--requests", join(folder, "none")],
      `open ${join(folder, "none")}: no such file or directory`,
    ],
    [
      ["--admin", "http://127.0.0.1:1", "http://a/"],
      "http://127.0.0.1:1: no answer (ECONNREFUSED)",
    ],
  ] as const) {
    assert.deepEqual(explain(...args), { status: 1, stdout: "", stderr: `nuncio: ${line}\n` });
  }
});

void test("refuses what the proxy refuses, with its place", () => {
  const path = config(
    "refused.yaml",
    "[{ match: { prefx: / }, direct_response: { status: 200 } }]",
  );
  const { status, stdout, stderr } = explain("-c", path, "http://h:8080/");
  assert.deepEqual([status, stdout], [1, ""]);
  assert.match(
    stderr,
    /refused\.yaml:12:\d+ .*unknown field "prefx" of \S+, did you mean "prefix"\?/,
  );
});
