import { writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import {
  listenGrpc,
  readResource,
  Snapshot,
  SnapshotCache,
  typeUrlOf,
  XdsServer,
  type VersionedResource,
} from "@nuncio/xds";
import { stringify } from "yaml";
import { attempt, type CheckResult } from "../check.ts";
import { ask } from "../harness/ask.ts";
import { freePorts } from "../harness/free-ports.ts";
import { startProxy, type ProxyKind, type RunningProxy } from "../harness/proxy-process.ts";
import { makeTempFolder, removeTempFolder } from "../harness/temp-folder.ts";
import { until } from "../harness/until.ts";
import { adsBootstrap, edsCluster, endpoints, listener, routes } from "./resources.ts";

/** A proxy under the project's own management server: both variants of ADS, each change seen by requests. */
export async function runXdsServer(kind: ProxyKind): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const apiType of ["GRPC", "DELTA_GRPC"] as const) {
    const scene = await Scene.open(kind, apiType);
    try {
      for (const [name, run] of STEPS) {
        // Each step builds on the one before.
        const result = await attempt(`xDS server, ${kind}, ${apiType}: ${name}`, () => run(scene));
        results.push(result);
        if (result.outcome === "failed") break;
      }
    } finally {
      await scene.close();
    }
  }
  return results;
}

const STEPS: readonly [name: string, run: (scene: Scene) => Promise<void>][] = [
  [
    "a first snapshot is served",
    async (scene) => {
      scene.put(...scene.serving("one"));
      await scene.startProxy();
      await scene.answers(scene.port, "one");
    },
  ],
  [
    "a route moves to a new cluster, the old one goes, and no request fails",
    async (scene) => {
      for (let round = 0; round < 20; round += 1) {
        const name = round % 2 === 0 ? "two" : "one";
        scene.put(...scene.serving(name));
        await scene.answers(scene.port, name);
      }
      await scene.settles();
    },
  ],
  [
    "a cluster that changes while its endpoints do not is warm at once",
    async (scene) => {
      scene.put(...scene.serving("one", "7s"));
      await until("the cluster was warm", async () => {
        const dump = await scene.admin("/config_dump?resource=dynamic_active_clusters");
        return dump.includes('"connect_timeout": "7s"');
      });
      await scene.answers(scene.port, "one");
    },
  ],
  [
    "endpoints change",
    async (scene) => {
      scene.put(
        edsCluster("one", "7s"),
        endpoints("one", scene.portOf("two")),
        listener("l", scene.port),
        routes("one"),
      );
      await scene.answers(scene.port, "two");
    },
  ],
  [
    "a listener comes and another one goes",
    async (scene) => {
      scene.put(
        edsCluster("one"),
        endpoints("one", scene.portOf("one")),
        listener("l2", scene.secondPort),
        routes("one"),
      );
      await until("the new listener was there", async () => !(await isRefused(scene.secondPort)));
      await scene.answers(scene.secondPort, "one");
      await until("the old listener was gone", () => isRefused(scene.port));
    },
  ],
  [
    "a refused cluster is told by name, and the good one beside it serves",
    async (scene) => {
      scene.put(
        badCluster(),
        edsCluster("two"),
        endpoints("two", scene.portOf("two")),
        listener("l2", scene.secondPort),
        routes("two"),
      );
      await scene.answers(scene.secondPort, "two");
      await until("the refusal was told", () => {
        const type = scene.server.status()[0]?.types.find(({ typeUrl }) => typeUrl === CDS);
        const bad = type?.resources.find(({ name }) => name === "bad");
        return Promise.resolve(bad?.refusal?.message.includes("bad") === true);
      });
    },
  ],
];

const CDS = typeUrlOf("CDS");

/** The management server, two origins that say their name, and a proxy. */
class Scene {
  readonly server: XdsServer;
  readonly #cache = new SnapshotCache();
  readonly #folder = makeTempFolder("xds");
  readonly #kind: ProxyKind;
  readonly #apiType: "GRPC" | "DELTA_GRPC";
  readonly #origins = new Map<string, Server>();
  #listening: Awaited<ReturnType<typeof listenGrpc>> | undefined;
  #proxy: RunningProxy | undefined;
  #ports: readonly number[] = [];

  private constructor(kind: ProxyKind, apiType: "GRPC" | "DELTA_GRPC") {
    this.#kind = kind;
    this.#apiType = apiType;
    this.server = new XdsServer({ cache: this.#cache });
  }

  static async open(kind: ProxyKind, apiType: "GRPC" | "DELTA_GRPC"): Promise<Scene> {
    const scene = new Scene(kind, apiType);
    scene.#ports = await freePorts(3);
    scene.#listening = await listenGrpc(scene.server);
    for (const name of ["one", "two"]) scene.#origins.set(name, await startOrigin(name));
    return scene;
  }

  get port(): number {
    return this.#ports[0]!;
  }

  get secondPort(): number {
    return this.#ports[1]!;
  }

  portOf(origin: string): number {
    return (this.#origins.get(origin)!.address() as AddressInfo).port;
  }

  /** All that is needed to serve an origin on the first port. */
  serving(origin: string, connectTimeout?: string): VersionedResource[] {
    return [
      edsCluster(origin, connectTimeout),
      endpoints(origin, this.portOf(origin)),
      listener("l", this.port),
      routes(origin),
    ];
  }

  put(...resources: VersionedResource[]): void {
    this.#cache.set("interop", new Snapshot(resources));
  }

  async startProxy(): Promise<void> {
    const adminPort = this.#ports[2]!;
    const file = join(this.#folder, "envoy.yaml");
    const config = adsBootstrap(this.#listening!.address.port, adminPort, this.#apiType);
    writeFileSync(file, stringify(config));
    this.#proxy = await startProxy(this.#kind, file, adminPort);
  }

  admin(path: string): Promise<string> {
    return this.#proxy!.admin(path);
  }

  /** Asks until the origin of this name answers. Every answer until then has to be one of an origin. */
  async answers(port: number, name: string): Promise<void> {
    await until(`port ${port} was answered by ${name}`, async () => {
      const { status, body } = await ask(port, "/");
      if (status !== 200) throw new Error(`expected 200 of port ${port}, got ${status}: ${body}`);
      return body === name;
    });
  }

  /** Waits until the client has answered all and has the newest of everything. */
  settles(): Promise<void> {
    return until("the client had everything", () =>
      Promise.resolve(
        this.server
          .status()
          .every(({ types }) =>
            types.every(
              ({ pending, resources }) =>
                pending === undefined && resources.every(({ state }) => state === "accepted"),
            ),
          ),
      ),
    );
  }

  async close(): Promise<void> {
    await this.#proxy?.stop();
    await this.#listening?.close();
    for (const origin of this.#origins.values()) origin.close().closeAllConnections();
    removeTempFolder(this.#folder);
  }
}

/** Passes the rules of the API, and is refused by who wants to use it: a static cluster takes no endpoints from elsewhere. */
function badCluster(): VersionedResource {
  return readResource("CDS", {
    name: "bad",
    type: "STATIC",
    connect_timeout: "1s",
    eds_cluster_config: { eds_config: { resource_api_version: "V3", ads: {} } },
  });
}

function startOrigin(name: string): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer((_request, response) => response.end(name));
    server.listen(0, "127.0.0.1", () => resolve(server));
  });
}

function isRefused(port: number): Promise<boolean> {
  return ask(port, "/").then(
    () => false,
    () => true,
  );
}
