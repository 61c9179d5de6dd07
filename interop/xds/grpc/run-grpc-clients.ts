import assert from "node:assert/strict";
import { join } from "node:path";
import { attempt, missingCheck, type CheckResult } from "../../check.ts";
import { findCounterpart, hasPackage } from "../../harness/counterparts.ts";
import { TARGET } from "./grpc-resources.ts";
import { GrpcScene } from "./grpc-scene.ts";

const CALLERS = "8";
/** After a backend came back, a client waits up to some seconds before it tries it again. */
const RETURNS_WITHIN_MS = 40_000;
const COUNTED_CALLS = 1_000;

/** Clients of gRPC that need no proxy, under the project's own management server. Calls go on through all of it, and none fails. */
export async function runGrpcClients(): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const [client, command] of clients()) {
    if (command === null) results.push(missingCheck("gRPC without a proxy", client));
    else results.push(...(await runClient(client, command)));
  }
  return results;
}

/** The command line of each client; null where it is not installed. */
function clients(): [name: string, command: readonly string[] | null][] {
  const grpcPeer = findCounterpart("grpc-peer");
  const target = `xds:///${TARGET}`;
  const script = join(import.meta.dirname, "grpc-js-client.ts");
  return [
    [
      "grpc-peer",
      grpcPeer === null ? null : [grpcPeer, "xds", "-address", target, "-callers", CALLERS],
    ],
    [
      "@grpc/grpc-js-xds",
      hasPackage("@grpc/grpc-js-xds") ? [process.execPath, script, target, CALLERS] : null,
    ],
  ];
}

async function runClient(client: string, command: readonly string[]): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  const scene = await GrpcScene.open();
  try {
    scene.put({ weights: { v1: 1 }, endpoints: { v1: ["a", "b"] } });
    scene.startClient(command);
    for (const [name, run] of STEPS) {
      // Each step builds on the one before.
      const result = await attempt(`${client}: ${name}`, async () => {
        await run(scene);
        await scene.isWell();
      });
      results.push(result);
      if (result.outcome === "failed") break;
    }
    results.push(await attempt(`${client}: no call failed`, () => scene.endClient()));
  } finally {
    await scene.close();
  }
  return results;
}

const STEPS: readonly [name: string, run: (scene: GrpcScene) => Promise<void>][] = [
  ["endpoints get calls", (scene) => scene.serves("a", "b")],
  [
    "an endpoint is taken away while calls run, and comes back",
    async (scene) => {
      scene.put({ weights: { v1: 1 }, endpoints: { v1: ["a"] } });
      await scene.serves("a");
      scene.put({ weights: { v1: 1 }, endpoints: { v1: ["a", "b"] } });
      await scene.serves("a", "b");
    },
  ],
  [
    "an endpoint that is not healthy gets no calls",
    async (scene) => {
      scene.put({
        weights: { v1: 1 },
        endpoints: { v1: ["a", { backend: "b", isUnhealthy: true }] },
      });
      await scene.serves("a");
    },
  ],
  [
    "a route shares its calls by weight, and moves to another cluster",
    async (scene) => {
      const endpoints = { v1: ["a"], v2: ["c"] } as const;
      scene.put({ weights: { v1: 75, v2: 25 }, endpoints });
      await scene.serves("a", "c");
      // Five standard deviations of so many calls to either side.
      const share = await scene.shareOf("c", COUNTED_CALLS);
      assert.ok(share > 0.18 && share < 0.32, `expected about 0.25 of the calls, got ${share}`);
      scene.put({ weights: { v2: 1 }, endpoints });
      await scene.serves("c");
      scene.put({ weights: { v2: 1 }, endpoints: { v2: ["c"] } });
      await scene.serves("c");
    },
  ],
  [
    "the next priority takes over when a backend shuts down, and gives back",
    async (scene) => {
      const places = ["c", { backend: "d", priority: 1 }] as const;
      scene.put({ weights: { v2: 1 }, endpoints: { v2: places } });
      await scene.serves("c");
      await scene.backend("c").shutDown();
      await scene.serves("d");
      await scene.backend("c").start();
      await scene.serves("c", { withinMs: RETURNS_WITHIN_MS });
    },
  ],
  [
    "the next priority takes over when no endpoint of the first is healthy",
    async (scene) => {
      const unhealthy = { backend: "c", isUnhealthy: true } as const;
      const places = [unhealthy, { backend: "d", priority: 1 }] as const;
      scene.put({ weights: { v2: 1 }, endpoints: { v2: places } });
      await scene.serves("d");
    },
  ],
  [
    "without the management server calls go on, and with it news comes again",
    async (scene) => {
      await scene.stopServer();
      await scene.serves("d");
      await scene.startServer();
      scene.put({ weights: { v2: 1 }, endpoints: { v2: ["a"] } });
      await scene.serves("a");
    },
  ],
];
