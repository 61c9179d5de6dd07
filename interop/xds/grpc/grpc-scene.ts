import assert from "node:assert/strict";
import { listenGrpc, Snapshot, SnapshotCache, XdsServer, type ListeningServer } from "@nuncio/xds";
import { startProcess, type StartedProcess } from "../../harness/child-process.ts";
import { until } from "../../harness/until.ts";
import { Backend } from "./backend.ts";
import {
  apiListener,
  grpcCluster,
  placedEndpoints,
  weightedRoutes,
  type PlacedEndpoint,
} from "./grpc-resources.ts";

const BACKENDS = ["a", "b", "c", "d"] as const;
type BackendName = (typeof BACKENDS)[number];
type Place = BackendName | (Omit<PlacedEndpoint, "port"> & { readonly backend: BackendName });

/** What the client is to be told: weights of clusters, and where their endpoints are. */
export interface Told {
  readonly weights: Readonly<Record<string, number>>;
  readonly endpoints: Readonly<Record<string, readonly Place[]>>;
}

/** A client has settled when nobody else got a call for so long. */
const QUIET_MS = 300;

/** The management server, backends, and a client that keeps calling. */
export class GrpcScene {
  readonly #cache = new SnapshotCache({ groupOf: () => "all" });
  readonly #server = new XdsServer({ cache: this.#cache });
  readonly #backends = new Map<BackendName, Backend>();
  #listening: ListeningServer | undefined;
  #port = 0;
  #client: StartedProcess | undefined;

  static async open(): Promise<GrpcScene> {
    const scene = new GrpcScene();
    await scene.startServer();
    for (const name of BACKENDS) {
      const backend = new Backend();
      await backend.start();
      scene.#backends.set(name, backend);
    }
    return scene;
  }

  backend(name: BackendName): Backend {
    return this.#backends.get(name)!;
  }

  /** On the port that it had before. */
  async startServer(): Promise<void> {
    this.#listening = await listenGrpc(this.#server, { port: this.#port });
    this.#port = this.#listening.address.port;
  }

  async stopServer(): Promise<void> {
    await this.#listening?.close();
  }

  put({ weights, endpoints }: Told): void {
    const resources = Object.entries(endpoints).flatMap(([cluster, places]) => [
      grpcCluster(cluster),
      placedEndpoints(
        cluster,
        places.map((place) => this.#placed(place)),
      ),
    ]);
    const snapshot = new Snapshot([...resources, weightedRoutes(weights), apiListener()]);
    assert.deepEqual(snapshot.problems(), []);
    this.#cache.set("all", snapshot);
  }

  startClient(command: readonly string[]): void {
    const bootstrap = {
      xds_servers: [
        { server_uri: `127.0.0.1:${this.#port}`, channel_creds: [{ type: "insecure" }] },
      ],
      // grpc-js will not do without a locality.
      node: { id: "interop", locality: {} },
    };
    const env = { ...process.env, GRPC_XDS_BOOTSTRAP_CONFIG: JSON.stringify(bootstrap) };
    this.#client = startProcess(command, { env });
  }

  /** Waits until these backends get calls and the others get and have none. */
  async serves(...names: readonly (BackendName | { readonly withinMs: number })[]): Promise<void> {
    const withinMs = names.find((name) => typeof name === "object")?.withinMs;
    const isWanted = (name: BackendName): boolean => names.includes(name);
    let since = performance.now();
    let before = this.#calls();
    await until(
      `calls went to ${names.filter((name) => typeof name === "string").join(" and ")} alone`,
      () => {
        this.#mustRun();
        const now = this.#calls();
        const isOther = BACKENDS.some(
          (name) =>
            !isWanted(name) &&
            (now.get(name) !== before.get(name) || this.backend(name).active > 0),
        );
        if (isOther) {
          since = performance.now();
          before = now;
        }
        const isEach = BACKENDS.every(
          (name) => !isWanted(name) || now.get(name)! > before.get(name)!,
        );
        return isEach && performance.now() - since > QUIET_MS;
      },
      withinMs,
    );
  }

  /** The part of so many calls that one backend gets. */
  async shareOf(name: BackendName, calls: number): Promise<number> {
    const before = this.#calls();
    const made = (): number =>
      BACKENDS.reduce((sum, each) => sum + this.backend(each).calls - before.get(each)!, 0);
    await until(`${calls} calls were made`, () => made() >= calls);
    return (this.backend(name).calls - before.get(name)!) / made();
  }

  /** Waits until the client has accepted all that it wants; it must have refused nothing, and no call may have failed. */
  async isWell(): Promise<void> {
    this.#mustRun();
    const types = (): ReturnType<XdsServer["status"]>[number]["types"] =>
      this.#server.status().flatMap((client) => client.types);
    await until("the client had everything", () =>
      types().every(
        ({ pending, resources }) =>
          pending === undefined && resources.every(({ state }) => state === "accepted"),
      ),
    );
    assert.ok(types().length >= 4, `expected four types, the client asked for ${types().length}`);
    for (const { typeUrl, refusal } of types())
      assert.equal(refusal, undefined, `${typeUrl} was refused`);
  }

  /** Ends the client, which tells how many calls it made. */
  async endClient(): Promise<void> {
    const client = this.#client!;
    await client.stop();
    const [, calls, failed] = /^(\d+) calls, (\d+) failed$/m.exec(client.output()) ?? [];
    assert.ok(Number(calls) > 0 && failed === "0", client.output().slice(-1_000));
  }

  async close(): Promise<void> {
    await this.#client?.stop();
    for (const backend of this.#backends.values()) backend.kill();
    await this.#listening?.close();
  }

  #placed(place: Place): PlacedEndpoint {
    if (typeof place === "string") return { port: this.backend(place).port };
    const { backend, ...rest } = place;
    return { port: this.backend(backend).port, ...rest };
  }

  #calls(): Map<BackendName, number> {
    return new Map(BACKENDS.map((name) => [name, this.backend(name).calls]));
  }

  #mustRun(): void {
    const output = this.#client?.output() ?? "";
    if (this.#client?.hasExited() === true) throw new Error(`the client ended: ${output}`);
    if (/^failed: /m.test(output)) throw new Error(output.slice(-1_000));
  }
}
