import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { attempt, missingCheck, type CheckResult } from "../check.ts";
import { answers } from "../harness/answers.ts";
import { runToEnd, startProcess, type StartedProcess } from "../harness/child-process.ts";
import { findCounterpart } from "../harness/counterparts.ts";
import { freePorts } from "../harness/free-ports.ts";
import { gatewayYaml } from "../harness/gateway-yaml.ts";
import { NUNCIO } from "../harness/repository.ts";
import { makeTempFolder, removeTempFolder } from "../harness/temp-folder.ts";
import { until } from "../harness/until.ts";
import { EtcdServer } from "./etcd-server.ts";
import { backendYaml, routeYaml } from "./resources.ts";

const COMMAND_WITHIN_MS = 30_000;
const WITHIN_MS = 30_000;
/** Soon over, and longer than a busy machine has a gateway wait. */
const LEASE_SECONDS = "5";

const LEADER = "/nuncio/leader";
const ROUTE = "gateway.networking.k8s.io/HTTPRoute/default/shop";

/** The gateway on a real etcd: each check goes on where the one before has ended. */
export async function runEtcd(): Promise<CheckResult[]> {
  for (const counterpart of ["etcd", "etcdctl"] as const)
    if (findCounterpart(counterpart) === null) return [missingCheck("etcd", counterpart)];
  const folder = makeTempFolder("etcd");
  const backend = await startBackend();
  const ports = (await freePorts(4)) as [number, number, number, number];
  const [port, clientPort, peerPort, secondPort] = ports;
  const etcd = new EtcdServer(folder, clientPort, peerPort);
  const gateways: StartedProcess[] = [];
  try {
    await etcd.start();
    const scene: Scene = {
      etcd,
      port,
      secondPort,
      backendPort: (backend.address() as AddressInfo).port,
      startGateway: () => {
        const command = [process.execPath, NUNCIO, "gateway", "run", "--etcd", etcd.url];
        const own = ["--admin", "none", "--admin-port", "0", "--etcd-lease-seconds", LEASE_SECONDS];
        const started = startProcess([...command, ...own]);
        gateways.push(started);
        return started;
      },
    };
    const results: CheckResult[] = [];
    for (const [name, run] of CHECKS)
      results.push(await attempt(`etcd: ${name}`, () => run(scene, gateways)));
    return results;
  } finally {
    await Promise.all(gateways.map((gateway) => gateway.stop()));
    await etcd.stop();
    backend.close();
    removeTempFolder(folder);
  }
}

interface Scene {
  readonly etcd: EtcdServer;
  /** The gateway listens there. */
  readonly port: number;
  /** Free, for another listener. */
  readonly secondPort: number;
  readonly backendPort: number;
  readonly startGateway: () => StartedProcess;
}

type Check = (scene: Scene, gateways: readonly StartedProcess[]) => Promise<void>;

const CHECKS: readonly (readonly [name: string, run: Check])[] = [
  ["resources that ctl apply puts there are served", serves],
  ["a change takes effect", changes],
  ["a bad value is told, and the last good one goes on", keepsLastGood],
  ["statuses are there for etcdctl, and go with their objects", writesStatuses],
  ["without etcd all goes on; when it is back changes are seen", survivesRestart],
  ["what compaction has taken is listed again", survivesCompaction],
  ["when the control plane that writes statuses is gone another one does", handsOver],
  ["the Gateway that was put there first keeps its port, also after a restart", keepsOrder],
];

async function serves({ etcd, port, backendPort, startGateway }: Scene): Promise<void> {
  etcd.put("core/Service/default/shop", backendYaml(backendPort).service);
  etcd.put("discovery.k8s.io/EndpointSlice/default/shop-1", backendYaml(backendPort).slice);
  const input = [gatewayYaml("web", port), routeYaml("/one")].join("---\n");
  const file = etcd.file("first.yaml", input);
  const { code, output } = await runToEnd(
    [process.execPath, NUNCIO, "ctl", "apply", "-f", file, "--etcd", etcd.url],
    COMMAND_WITHIN_MS,
  );
  if (code !== 0) throw new Error(output);
  startGateway();
  await answers(port, "/one/x", "200 saw /one/x");
}

async function changes({ etcd, port }: Scene): Promise<void> {
  etcd.put(ROUTE, routeYaml("/two"));
  await answers(port, "/two", "200 saw /two");
  await answers(port, "/one", "404");
}

async function keepsLastGood(
  { etcd, port }: Scene,
  [gateway]: readonly StartedProcess[],
): Promise<void> {
  etcd.put(ROUTE, routeYaml("/three").replace("rules:", "ruls:"));
  await until(
    "the problem is told",
    () =>
      /resources\/gateway\.\S+\/shop:\d+:\d+ HTTPRoute default\/shop: .*ruls/.test(
        gateway!.output(),
      ),
    WITHIN_MS,
  );
  await answers(port, "/two", "200 saw /two");
  etcd.put(ROUTE, routeYaml("/three"));
  await answers(port, "/three", "200 saw /three");
}

async function writesStatuses({ etcd }: Scene): Promise<void> {
  const gateway = "gateway.networking.k8s.io/Gateway/default/web";
  await until(
    "the Gateway is programmed",
    () => isTrue(etcd.status(gateway), "Programmed"),
    WITHIN_MS,
  );
  await until("the route is accepted", () => isTrue(etcd.status(ROUTE), "Accepted"), WITHIN_MS);
  await lacksBackend(etcd, "/three");
  etcd.remove(ROUTE);
  await until("its status goes with it", () => etcd.status(ROUTE) === undefined, WITHIN_MS);
  etcd.put(ROUTE, routeYaml("/three"));
  await until("it has one again", () => isTrue(etcd.status(ROUTE), "Accepted"), WITHIN_MS);
}

/** Takes its backend from the route, and waits for the status that says so. */
async function lacksBackend(etcd: EtcdServer, path: string): Promise<void> {
  etcd.put(ROUTE, routeYaml(path).replace("name: shop, port", "name: nothing, port"));
  await until(
    "the route's status says what it lacks",
    () => /BackendNotFound/.test(etcd.status(ROUTE) ?? ""),
    WITHIN_MS,
  );
}

async function survivesRestart(
  { etcd, port }: Scene,
  [gateway]: readonly StartedProcess[],
): Promise<void> {
  await etcd.kill();
  await until("that is said", () => /not connected/.test(gateway!.output()), WITHIN_MS);
  await answers(port, "/three", "200 saw /three");
  await etcd.start();
  etcd.put(ROUTE, routeYaml("/four"));
  await answers(port, "/four", "200 saw /four");
}

/** The gateway stands still while etcd forgets what it has not seen. */
async function survivesCompaction(
  { etcd, port, backendPort }: Scene,
  [gateway]: readonly StartedProcess[],
): Promise<void> {
  gateway!.signal("SIGSTOP");
  try {
    await etcd.kill();
    await etcd.start();
    etcd.put("core/Service/default/gone", backendYaml(backendPort).service.replace("shop", "gone"));
    etcd.put(ROUTE, routeYaml("/five"));
    etcd.compact();
  } finally {
    gateway!.signal("SIGCONT");
  }
  await answers(port, "/five", "200 saw /five");
}

async function handsOver(
  { etcd, secondPort, startGateway }: Scene,
  [gateway]: readonly StartedProcess[],
): Promise<void> {
  // While it stood still its lease may have ended, and nobody leads until it has another one.
  await lacksBackend(etcd, "/six");
  const first = etcd.get(LEADER);
  const second = startGateway();
  await until("the second one is there", () => /: connected to/.test(second.output()), WITHIN_MS);
  if (etcd.get(LEADER) !== first)
    throw new Error("another one writes while the first one is there");
  // It gets no chance to let go: its lease has to end.
  gateway!.signal("SIGKILL");
  await until("another one leads", () => ![first, undefined].includes(etcd.get(LEADER)), WITHIN_MS);
  const other = "gateway.networking.k8s.io/Gateway/default/other";
  etcd.put(other, gatewayYaml("other", secondPort));
  await until("it writes statuses", () => isTrue(etcd.status(other), "Programmed"), WITHIN_MS);
}

/** Neither has a `creationTimestamp`, and the younger one's name sorts first. */
async function keepsOrder(
  { etcd, secondPort, startGateway }: Scene,
  gateways: readonly StartedProcess[],
): Promise<void> {
  const younger = "gateway.networking.k8s.io/Gateway/default/another";
  const standsBack = (generation: number) => (): boolean => {
    const status = etcd.status(younger) ?? "";
    return status.includes("PortUnavailable") && status.includes(`Generation":${generation}`);
  };
  etcd.put(younger, gatewayYaml("another", secondPort));
  await until("the younger one stands back", standsBack(1), WITHIN_MS);
  await Promise.all(gateways.map((gateway) => gateway.stop()));
  startGateway();
  etcd.put(younger, gatewayYaml("another", secondPort));
  await until("it does so again", standsBack(2), WITHIN_MS);
  const older = etcd.status("gateway.networking.k8s.io/Gateway/default/other");
  if (older?.includes("PortUnavailable") !== false) throw new Error(`the older one: ${older}`);
}

/** A backend that says which path it was asked for. */
async function startBackend(): Promise<Server> {
  const server = createServer((request, response) => response.end(`saw ${request.url}`));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

/** Whether a condition is true, of the object or of how it stands to its first parent. */
function isTrue(text: string | undefined, type: string): boolean {
  if (text === undefined) return false;
  const { conditions, parents } = JSON.parse(text) as Status;
  return (conditions ?? parents?.[0]?.conditions ?? []).some(
    (one) => one.type === type && one.status === "True",
  );
}

interface Status {
  readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  readonly parents?: readonly Status[];
}
