import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { backendYaml, routeYaml } from "../../etcd/resources.ts";
import { answers } from "../../harness/answers.ts";
import { startProcess, type StartedProcess } from "../../harness/child-process.ts";
import { findCounterpart } from "../../harness/counterparts.ts";
import { NUNCIO } from "../../harness/repository.ts";
import { makeTempFolder, removeTempFolder } from "../../harness/temp-folder.ts";
import { until } from "../../harness/until.ts";

const HAND_OVER_WITHIN_MS = 60_000;
const SHARED_MEMORY = "/dev/shm";

/** What the process of a data plane is started with. */
export interface Settings {
  readonly label: string;
  readonly concurrency: number;
  readonly adminPort?: number;
}

interface DataPlane {
  readonly pid: number;
  readonly epoch: number;
  readonly baseId: string;
}

/** `nuncio gateway run` with a Gateway whose data plane is a process of its own. */
export class RunningGateway {
  readonly #kind: "Nuncio" | "Envoy";
  readonly #port: number;
  readonly #folder = makeTempFolder("settings");
  /** Where the gateway has its temporary files. */
  readonly #temporary = makeTempFolder("settings-tmp");
  readonly #process: StartedProcess;
  readonly #baseIds = new Set<string>();

  private constructor(kind: "Nuncio" | "Envoy", port: number, backend: number, settings: Settings) {
    this.#kind = kind;
    this.#port = port;
    const { service, slice } = backendYaml(backend);
    writeFileSync(this.#file("rest.yaml"), [routeYaml("/"), service, slice].join("---\n"));
    this.set(settings);
    const own = ["--resources", this.#file("rest.yaml"), "--resources", this.#file("web.yaml")];
    const flags = ["--infrastructure", "host", "--admin", "none"];
    flags.push("--status-file", this.#file("status.json"));
    flags.push("--envoy-path", findCounterpart("envoy")!);
    this.#process = startProcess([process.execPath, NUNCIO, "gateway", "run", ...own, ...flags], {
      env: { ...process.env, TMPDIR: this.#temporary },
    });
  }

  /** Resolves when it serves. */
  static async start(
    kind: "Nuncio" | "Envoy",
    port: number,
    backend: number,
    settings: Settings,
  ): Promise<RunningGateway> {
    const gateway = new RunningGateway(kind, port, backend, settings);
    try {
      await gateway.serves();
      await gateway.reaches(0);
      await until("it is programmed", () => gateway.programmed().status === "True");
    } catch (error) {
      await gateway.close();
      throw new Error(`${(error as Error).message}\n${gateway.output()}`, { cause: error });
    }
    return gateway;
  }

  set(settings: Settings): void {
    writeFileSync(this.#file("web.yaml"), this.#yaml(settings));
  }

  serves(): Promise<void> {
    return answers(this.#port, "/x", `200 ${"/x".repeat(1_000)}`);
  }

  output(): string {
    return this.#process.output();
  }

  /** Resolves when this epoch is there, and it alone. */
  reaches(epoch: number): Promise<void> {
    return until(
      `epoch ${epoch} is alone`,
      () => {
        const all = this.dataPlanes();
        return all.length === 1 && all[0]!.epoch === epoch;
      },
      HAND_OVER_WITHIN_MS,
    );
  }

  /** The processes that serve, and those that did before and part with their connections. */
  dataPlanes(): DataPlane[] {
    const { pid } = this.#process;
    const found: DataPlane[] = [];
    for (const child of read(`/proc/${pid}/task/${pid}/children`).trim().split(" ")) {
      const line = read(`/proc/${child}/cmdline`).replaceAll("\0", " ");
      const epoch = / --restart-epoch (\d+)/.exec(line)?.[1];
      const baseId = / --base-id (\d+)/.exec(line)?.[1];
      if (epoch === undefined || baseId === undefined) continue;
      this.#baseIds.add(baseId);
      found.push({ pid: Number(child), epoch: Number(epoch), baseId });
    }
    return found;
  }

  /** What the Gateway says of `Programmed`. */
  programmed(): { readonly status: string; readonly message: string } {
    const text = read(this.#file("status.json"));
    const { items } = (text === "" ? { items: [] } : JSON.parse(text)) as StatusList;
    const gateway = items.find(({ kind }) => kind === "Gateway");
    const found = gateway?.status.conditions.find(({ type }) => type === "Programmed");
    return found ?? { status: "Unknown", message: "nothing is said of it" };
  }

  /** Ends it by a signal; resolves when it and all that it started are gone. Throws when something is left. */
  async end(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    const all = this.dataPlanes();
    process.kill(this.#process.pid, signal);
    await this.#process.exited;
    await until("all data planes end", () => !all.some(({ pid }) => isAlive(pid)));
    const left = (): string[] => [
      ...readdirSync(this.#temporary).filter((name) => !name.startsWith("nuncio-xds-")),
      ...readdirSync(SHARED_MEMORY).filter((name) =>
        Array.from(this.#baseIds).some((baseId) => name === `envoy_shared_memory_${baseId}0`),
      ),
    ];
    await until("nothing is left", () => left().length === 0).catch((error: Error) => {
      throw new Error(`${error.message}: ${left().join(", ")}`);
    });
  }

  async close(): Promise<void> {
    await this.#process.stop();
    removeTempFolder(this.#folder);
    removeTempFolder(this.#temporary);
  }

  #file(name: string): string {
    return join(this.#folder, name);
  }

  #yaml({ label, concurrency, adminPort }: Settings): string {
    const admin = adminPort === undefined ? "" : `, adminPort: ${adminPort}`;
    return `
apiVersion: gateway.nuncio.dev/v1alpha1
kind: NuncioProxy
metadata: { name: settings }
spec: { dataPlane: ${this.#kind}, concurrency: ${concurrency}, drainSeconds: 1, terminationSeconds: 3${admin} }
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: web }
spec:
  gatewayClassName: nuncio
  infrastructure:
    labels: { example.com/label: ${label} }
    parametersRef: { group: gateway.nuncio.dev, kind: NuncioProxy, name: settings }
  addresses: [{ type: IPAddress, value: 127.0.0.1 }]
  listeners: [{ name: http, protocol: HTTP, port: ${this.#port} }]
`;
  }
}

interface StatusList {
  readonly items: readonly {
    readonly kind: string;
    readonly status: {
      readonly conditions: readonly {
        readonly type: string;
        readonly status: string;
        readonly message: string;
      }[];
    };
  }[];
}

function isAlive(pid: number): boolean {
  const status = read(`/proc/${pid}/status`);
  return status !== "" && !/^State:\s+Z/m.test(status);
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
