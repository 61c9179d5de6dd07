import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { LAUNCHER } from "./testing/running-proxy.ts";

const GATEWAY = `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: web }
spec:
  gatewayClassName: nuncio
  listeners:
    - { name: one, protocol: HTTP, port: 8001 }
    - { name: two, protocol: HTTP, port: 8002 }
`;
const ROUTE = `---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: shop }
spec: { parentRef: [], hostname: [] }
`;
const ALIASES = `---
apiVersion: v1
kind: ConfigMap
metadata: { name: words, labels: &labels { a: x, b: x, c: x }, annotations: *labels }
`;

function status(limit: string, input: string): { code: number | null; output: string } {
  const command = [LAUNCHER, "ctl", "status", "-f", "-", "--limit", limit];
  const {
    status: code,
    stdout,
    stderr,
  } = spawnSync(process.execPath, command, {
    input,
    encoding: "utf8",
  });
  return { code, output: stdout + stderr };
}

const REACHED: readonly (readonly [limit: string, input: string, message: RegExp])[] = [
  ["file-bytes-max=100", GATEWAY, /<stdin>:1:1: expected at most 100 bytes/],
  ["documents-per-file-max=1", GATEWAY + ROUTE, /<stdin>.*\b1 document/],
  ["problems-per-file-max=1", GATEWAY + ROUTE, /<stdin>:13:24: more than 1 problems/],
  ["depth-max=3", GATEWAY, /<stdin>:\d+:\d+.*\b3\b/],
  ["alias-nodes-max=2", ALIASES, /<stdin>:\d+:\d+.*alias.*\b2\b/],
  ["listeners-max=1", GATEWAY, /listener two +Accepted +False/],
];

for (const [limit, input, message] of REACHED)
  void test(`--limit ${limit} is reached`, () => {
    assert.match(status(limit, input).output, message);
    assert.doesNotMatch(status("depth-max=100", input).output, message);
  });

for (const [text, message] of [
  ["depth", /--limit: expected NAME=N, NAME one of file-bytes-max, .*; got "depth"/],
  ["toString=1", /--limit: expected NAME=N.*got "toString=1"/],
  ["depth-max=0", /--limit: depth-max: expected a number from 1 to 4294967295, got "0"/],
  ["depth-max=1e3", /--limit: depth-max: expected a number .* got "1e3"/],
] as const)
  void test(`--limit ${text} is refused`, () => {
    const { code, output } = status(text, GATEWAY);
    assert.equal(code, 1);
    assert.match(output, message);
  });
